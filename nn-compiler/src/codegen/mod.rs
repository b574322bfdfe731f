//! Code generation: a [`Compiled`](crate::compiled::Compiled) network in, Rust out. It cannot fail.
//!
//! The code is straight-line: one kernel call per step of the plan, on views of parameters, slots and the
//! caller's rows whose sizes are constants. The code of an operation is in `ops/`, in a file of the same
//! name as the operation's.

mod definition;
mod docs;
mod learning_rates;
mod names;
mod network;
mod numbers;
mod ops;
mod panels;
mod steps;
mod text;
mod trainable;
mod trained;
mod windows;
mod writer;

pub use definition::{Options, emit};
pub use names::ident;
pub use text::{rust, rust_with};
pub use trained::{Header, Trained};
