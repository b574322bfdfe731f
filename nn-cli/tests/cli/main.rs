//! The `nn` program, run as users run it.

mod checking;
mod common;
mod formatting;
#[cfg(unix)]
mod interruption;
mod lints;
mod reading;
mod training;
