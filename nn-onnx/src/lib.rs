//! ONNX models as `.nn` specs and weights.
//!
//! ```text
//! bytes ──proto──▶ messages ──graph──▶ graph ──passes──▶ graph ──lower──▶ spec ──▶ text and tensors
//! ```
//!
//! [`import`] is the table of contents. The crate does no file or console I/O: callers pass bytes, and a function that
//! reads the files that a model names.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod error;
mod graph;
mod import;
mod lower;
mod passes;
mod proto;
mod spec;

pub use error::{Error, Refusal};
pub use import::{Import, import, tensor};
pub use lower::Interface;
pub use proto::External;
