//! The `.nn` language as a library: text in, diagnostics or Rust out.
//!
//! This crate does no file or console I/O: callers pass the text and get the result.
//! [`compile`](mod@compile) is the table of contents.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub mod agreement;
pub mod ast;
pub mod batching;
mod budgets;
pub mod codegen;
pub mod columns;
pub mod compile;
pub mod compiled;
mod consistency;
pub mod costs;
pub mod diagnostic;
mod differentiate;
pub mod explain;
pub mod fix;
pub mod format;
pub mod identity;
pub mod ids;
pub mod infer;
#[cfg(feature = "interp")]
pub mod interp;
pub mod labels;
pub mod layers;
mod layout;
#[cfg(test)]
mod linear_work;
pub mod lints;
pub mod lower;
pub mod model;
mod passes;
pub mod peak;
pub mod plan;
pub mod plan_text;
pub mod resolve;
pub mod shape;
pub mod signature;
pub mod span;
pub mod stack;
pub mod summary;
pub mod syntax;
#[cfg(feature = "interp")]
pub mod trace;
pub mod vocabulary;
#[cfg(feature = "weights")]
pub mod weights;

pub use compile::compile;
pub use compiled::{Compiled, Outcome};
pub use fix::fix;
pub use plan::TrainingPlans;
