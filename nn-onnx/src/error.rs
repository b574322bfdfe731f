//! Why a model is not imported.

use std::fmt;

/// Why a model is not imported.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The file is not an ONNX model, or it contradicts itself.
    Invalid(String),
    /// What the language cannot express, all of it.
    Refused(Vec<Refusal>),
    /// The spec that the model becomes does not compile: a size is beyond the limits of the language, or this crate has
    /// a mistake.
    Spec {
        /// The spec.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A node, an input or an output that cannot be expressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The name of the node, or of its first output if it has none.
    pub node: String,
    /// Its operator, `input` or `output`.
    pub operator: String,
    /// The attribute that is the reason, if one is.
    pub attribute: Option<String>,
    /// Why, as a sentence without a full stop.
    pub reason: String,
    /// What to do, as a sentence without a full stop; empty if nothing helps.
    pub remedy: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, operator, attribute, reason, remedy } = self;
        write!(f, "`{node}` ({operator}")?;
        if let Some(attribute) = attribute {
            write!(f, ", {attribute}")?;
        }
        write!(f, "): {reason}")?;
        if !remedy.is_empty() {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

/// A reason to refuse a node, before it is known which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The attribute that is the reason, if one is.
    pub attribute: Option<String>,
    /// Why, as a sentence without a full stop.
    pub reason: String,
    /// What to do, as a sentence without a full stop; empty if nothing helps.
    pub remedy: String,
}

impl Reason {
    /// A reason without an attribute.
    pub fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { attribute: None, reason: reason.into(), remedy: remedy.into() }
    }

    /// A reason that is the value of an attribute.
    pub fn attribute(name: &str, reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { attribute: Some(name.to_owned()), ..Self::new(reason, remedy) }
    }

    /// The refusal of what has this name.
    pub fn of(self, node: &str, operator: &str) -> Refusal {
        let Self { attribute, reason, remedy } = self;
        Refusal { node: node.to_owned(), operator: operator.to_owned(), attribute, reason, remedy }
    }
}
