//! Standardization by the training rows: y = (x − mean)/deviation, and the sums for mean and deviation.
//!
//! Backward: dx = dy/deviation.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Observe, Read, Statistic, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = (x − mean)/deviation
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Normalize {
    pub x: Read,
    pub mean: Statistic,
    pub deviation: Statistic,
    pub y: Write,
}

/// dx = dy/deviation
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct NormalizeGradient {
    pub dy: Read,
    pub deviation: Statistic,
    pub dx: Write,
}

/// mean, deviation ← those of the rows so far
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ObserveMoments {
    pub x: Read,
    pub mean: Observe,
    pub deviation: Observe,
}

fields!(Normalize { x, mean, deviation, y });
fields!(NormalizeGradient { dy, deviation, dx });
fields!(ObserveMoments { x, mean, deviation });
stays!(Normalize, NormalizeGradient, ObserveMoments);

impl Operation for Normalize {
    fn formula(&self) -> String {
        "y = (x − mean)/deviation".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<NormalizeGradient>> Differentiate<O> for Normalize {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, deviation, y, .. } = *self;
        tape.through(x, y, |dy, dx| NormalizeGradient { dy, deviation, dx });
    }
}

impl Operation for NormalizeGradient {
    fn formula(&self) -> String {
        "dx = dy/deviation".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for ObserveMoments {
    fn formula(&self) -> String {
        "Σx, Σx² ← the sums over the rows so far, in f64".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
