//! The `nn` program, run as users run it.

mod common;
mod formatting;
#[cfg(unix)]
mod interruption;
mod reading;
mod training;
