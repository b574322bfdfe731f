//! The `nn` program, run as users run it.

mod common;
#[cfg(unix)]
mod interruption;
mod reading;
mod training;
