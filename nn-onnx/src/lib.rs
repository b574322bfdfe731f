//! ONNX models as `.nn` specs and weights, and networks of specs as Python files of PyTorch and Keras.
//!
//! ```text
//! bytes ──proto──▶ messages ──graph──▶ graph ──passes──▶ graph ──lower──▶ spec ──▶ text and tensors
//! ```
//!
//! [`import`] is the table of contents. The crate does no file or console I/O: callers pass bytes, and a function that
//! reads the files that a model names.
//!
//! ```text
//! network ──Reach──▶ what training reaches ──Flow──▶ statements ──pytorch, keras──▶ Python
//!         └─Golden─▶ numbers that the Python file compares itself with
//! ```
//!
//! [`pytorch::export`] and [`keras::export`] return the contents of files.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod error;
pub mod golden;
mod graph;
mod import;
pub mod keras;
mod lower;
mod passes;
mod proto;
pub mod python;
pub mod pytorch;
mod spec;

pub use error::{Error, Refusal};
pub use import::{Import, import, tensor};
pub use lower::Interface;
pub use proto::External;
