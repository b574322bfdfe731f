//! Dropout: y = x·mask, the mask 0 with probability rate, else 1/(1 − rate) (Srivastava et al. 2014).
//!
//! Backward: dx = dy·mask.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = x·mask
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Dropout {
    pub x: Read,
    pub rate: f64,
    pub site: usize,
    pub mask: Write,
    pub y: Write,
}

/// dx = dy·mask
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct DropoutGradient {
    pub mask: Read,
    pub dy: Read,
    pub dx: Write,
}

fields!(Dropout { x, rate, site, mask, y });
fields!(DropoutGradient { mask, dy, dx });
stays!(Dropout, DropoutGradient);

impl Operation for Dropout {
    fn formula(&self) -> String {
        let rate = self.rate;
        format!("y = x·mask; the mask is 0 with probability {rate}, else 1/(1 − {rate})")
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<DropoutGradient>> Differentiate<O> for Dropout {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, mask, y, .. } = *self;
        tape.through(x, y, |dy, dx| DropoutGradient { mask: mask.read(), dy, dx });
    }
}

impl Operation for DropoutGradient {
    fn formula(&self) -> String {
        "dx = dy·mask".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
