//! The `.nn` language as a library: text in, diagnostics or Rust out.
//!
//! This crate does no file or console I/O: callers pass the text and get the result.
//! [`pipeline`] is the table of contents.

pub mod ast;
mod budgets;
pub mod codegen;
pub mod columns;
mod consistency;
pub mod diagnostic;
mod differentiate;
pub mod explain;
pub mod format;
pub mod ids;
#[cfg(feature = "interp")]
pub mod interp;
pub mod labels;
pub mod layers;
mod layout;
pub mod lints;
pub mod lower;
pub mod model;
mod passes;
pub mod peak;
pub mod pipeline;
pub mod plan;
pub mod plan_text;
pub mod resolve;
pub mod shape;
pub mod signature;
pub mod span;
pub mod summary;
pub mod syntax;
#[cfg(feature = "interp")]
pub mod trace;
pub mod vocabulary;
