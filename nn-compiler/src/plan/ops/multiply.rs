//! A product, number by number: y = a·b.
//!
//! Backward: da = dy·b, db = dy·a.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = a·b
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Multiply {
    pub a: Read,
    pub b: Read,
    pub y: Write,
}

fields!(Multiply { a, b, y });
stays!(Multiply);

impl Operation for Multiply {
    fn formula(&self) -> String {
        "y = a·b".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<Multiply>> Differentiate<O> for Multiply {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { a, b, y } = *self;
        tape.through(a, y, |dy, dx| Multiply { a: dy, b, y: dx });
        tape.through(b, y, |dy, dx| Multiply { a: dy, b: a, y: dx });
    }
}
