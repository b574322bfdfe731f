//! A sum: y = a + b.
//!
//! Backward: da = dy, db = dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = a + b
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Add {
    pub a: Read,
    pub b: Read,
    pub y: Write,
}

fields!(Add { a, b, y });
stays!(Add);

impl Operation for Add {
    fn formula(&self) -> String {
        "y = a + b".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation> Differentiate<O> for Add {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Some(dy) = tape.gradient_of(self.y) else { return };
        tape.add(self.a, dy);
        tape.add(self.b, dy);
    }
}
