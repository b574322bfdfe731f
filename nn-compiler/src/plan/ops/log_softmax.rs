//! The logarithm of softmax over a row: y = x − ln Σ exp(x).
//!
//! Backward: dx = dy − exp(y)·Σ dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = x − ln Σ exp(x)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct LogSoftmax {
    pub x: Read,
    pub y: Write,
}

/// dx = dy − exp(y)·Σ dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct LogSoftmaxGradient {
    pub y: Read,
    pub dy: Read,
    pub dx: Write,
}

fields!(LogSoftmax { x, y });
fields!(LogSoftmaxGradient { y, dy, dx });
stays!(LogSoftmax, LogSoftmaxGradient);

impl Operation for LogSoftmax {
    fn formula(&self) -> String {
        "y = x − ln Σ exp(x)".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<LogSoftmaxGradient>> Differentiate<O> for LogSoftmax {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, y } = *self;
        tape.through(x, y, |dy, dx| LogSoftmaxGradient { y: y.read(), dy, dx });
    }
}

impl Operation for LogSoftmaxGradient {
    fn formula(&self) -> String {
        "dx = dy − exp(y)·Σ dy".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
