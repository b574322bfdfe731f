//! Tests of the whole live in `tests/`; this crate itself holds what they share.

/// The README's Rust compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub mod differences;
pub mod driver;
pub mod golden;
pub mod golden_file;
pub mod oracle;
pub mod random;
pub mod rows;
pub mod spelling;

use std::path::PathBuf;

/// A file of the project, by its path from the root.
pub fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
