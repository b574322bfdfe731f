//! A fixed scale: y = factor·x + offset.
//!
//! Backward: dx = factor·dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = factor·x + offset
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Rescale {
    pub x: Read,
    pub factor: f64,
    pub offset: f64,
    pub y: Write,
}

/// dx = factor·dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct RescaleGradient {
    pub dy: Read,
    pub factor: f64,
    pub dx: Write,
}

fields!(Rescale { x, factor, offset, y });
fields!(RescaleGradient { dy, factor, dx });
stays!(Rescale, RescaleGradient);

impl Operation for Rescale {
    fn formula(&self) -> String {
        format!("y = {}·x + {}", self.factor, self.offset)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<RescaleGradient>> Differentiate<O> for Rescale {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, factor, y, .. } = *self;
        tape.through(x, y, |dy, dx| RescaleGradient { dy, factor, dx });
    }
}

impl Operation for RescaleGradient {
    fn formula(&self) -> String {
        format!("dx = {}·dy", self.factor)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
