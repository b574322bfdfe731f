//! Softmax over a row: y = exp(x) / Σ exp(x).
//!
//! Backward: dx = y·(dy − Σ dy·y).

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = exp(x) / Σ exp(x)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Softmax {
    pub x: Read,
    pub y: Write,
}

/// dx = y·(dy − Σ dy·y)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct SoftmaxGradient {
    pub y: Read,
    pub dy: Read,
    pub dx: Write,
}

fields!(Softmax { x, y });
fields!(SoftmaxGradient { y, dy, dx });
stays!(Softmax, SoftmaxGradient);

impl Operation for Softmax {
    fn formula(&self) -> String {
        "y = exp(x) / Σ exp(x)".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<SoftmaxGradient>> Differentiate<O> for Softmax {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, y } = *self;
        tape.through(x, y, |dy, dx| SoftmaxGradient { y: y.read(), dy, dx });
    }
}

impl Operation for SoftmaxGradient {
    fn formula(&self) -> String {
        "dx = y·(dy − Σ dy·y)".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
