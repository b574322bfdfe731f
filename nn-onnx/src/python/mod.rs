//! What exports to Python have in common: names, numbers, texts, and the statements of a model.

mod flow;
mod names;
mod reach;
mod text;

pub use flow::{Flow, Held, Source, Step, owner};
pub use names::Names;
pub use reach::{Last, Reach};
pub use text::{Lines, docstring, number, numbers, pair, text, tuple};

use std::fmt;

use nn_compiler::Compiled;
use nn_compiler::interp::State;

/// What is exported, and under which names.
pub struct Request<'a> {
    /// The network.
    pub compiled: &'a Compiled,
    /// The name of the spec, in comments: `digits.nn`.
    pub spec: &'a str,
    /// The name of the Python file without `.py`; files beside it begin with it.
    pub stem: &'a str,
    /// The version of the program that exports.
    pub version: &'a str,
    /// The weights to write beside the file.
    pub weights: Option<&'a State>,
    /// Whether to write numbers that the file can be compared with.
    pub golden: bool,
}

/// The files of an export.
pub struct Export {
    /// The Python file.
    pub code: String,
    /// The weights, in the names and layouts of the framework.
    pub weights: Option<Vec<u8>>,
    /// The numbers that the file is compared with.
    pub golden: Option<Vec<u8>>,
}

/// Why a network cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What cannot be expressed: `digit.0 (batch_norm)`.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.what, self.reason)
    }
}

impl std::error::Error for Refusal {}
