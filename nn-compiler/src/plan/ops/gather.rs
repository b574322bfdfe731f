//! Moves between the tuples of the caller and buffers.
//!
//! An input depends on no parameter, so it has no derivative.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{InputGradient, Output, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = the input of this number, from the caller's tuple
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Gather {
    pub input: usize,
    pub y: Write,
}

/// y = the target of this number, from the caller's tuple
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct GatherTarget {
    pub target: usize,
    pub y: Write,
}

/// the output of this number, in the caller's tuple, = x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Scatter {
    pub x: Read,
    pub output: Output,
}

/// y = the gradient of the output of this number, from the caller's tuple
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct GatherGradient {
    pub output: usize,
    pub y: Write,
}

/// the gradient of the input of this number, in the caller's memory, = x; zeros where there is none
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ScatterGradient {
    pub x: Option<Read>,
    pub input: InputGradient,
}

fields!(Gather { input, y });
fields!(GatherTarget { target, y });
fields!(Scatter { x, output });
fields!(GatherGradient { output, y });
fields!(ScatterGradient { x, input });
stays!(Gather, GatherTarget, Scatter, GatherGradient, ScatterGradient);

impl Operation for Gather {
    fn formula(&self) -> String {
        format!("y = input {}", self.input)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation> Differentiate<O> for Gather {
    fn differentiate(&self, _tape: &mut Tape<O>) {}
}

impl Operation for GatherTarget {
    fn formula(&self) -> String {
        format!("y = target {}", self.target)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for Scatter {
    fn formula(&self) -> String {
        format!("output {} = x", self.output.0)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for GatherGradient {
    fn formula(&self) -> String {
        format!("y = gradient of output {}", self.output)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for ScatterGradient {
    fn formula(&self) -> String {
        let x = if self.x.is_some() { "x" } else { "0" };
        format!("gradient of input {} = {x}", self.input.0)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
