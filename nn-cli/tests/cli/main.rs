//! The `nn` program, run as users run it.

mod checking;
mod common;
mod formatting;
mod heads;
#[cfg(unix)]
mod interruption;
mod lints;
mod reading;
mod sources;
mod training;
