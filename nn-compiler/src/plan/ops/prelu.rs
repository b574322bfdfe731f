//! Relu with a learnable slope: y = x where x > 0, else slope·x.
//!
//! Backward: dx = dy where x > 0, else slope·dy; dslope += dy·x where x ≤ 0.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = x where x > 0, else slope·x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Prelu {
    pub x: Read,
    pub slope: Parameter,
    pub y: Write,
}

/// dx = dy where x > 0, else slope·dy; dslope += dy·x where x ≤ 0
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct PreluGradient {
    pub x: Read,
    pub slope: Parameter,
    pub dslope: Accumulate,
    pub dy: Read,
    pub dx: Write,
}

fields!(Prelu { x, slope, y });
fields!(PreluGradient { x, slope, dslope, dy, dx });
stays!(Prelu, PreluGradient);

impl Operation for Prelu {
    fn formula(&self) -> String {
        "y = x where x > 0, else slope·x".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<PreluGradient>> Differentiate<O> for Prelu {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, slope, y } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let dx = tape.gradient_buffer(x);
        tape.push(PreluGradient { x, slope, dslope: slope.gradient(), dy, dx });
        tape.add(x, dx.read());
    }
}

impl Operation for PreluGradient {
    fn formula(&self) -> String {
        "dx = dy where x > 0, else slope·dy; dslope += Σ dy·x where x ≤ 0".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
