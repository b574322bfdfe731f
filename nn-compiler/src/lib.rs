//! The `.nn` language as a library: text in, diagnostics or Rust out.
//!
//! No file and no console is touched here: callers bring the text and take the answer.

pub mod diagnostic;
pub mod span;
pub mod syntax;
