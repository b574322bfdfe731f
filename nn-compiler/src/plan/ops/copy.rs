//! A copy: y = x.
//!
//! Backward: dx = dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::{Fuse, Offer, Offered};
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Copy {
    pub x: Read,
    pub y: Write,
}

fields!(Copy { x, y });

impl<O> Fuse<O> for Copy {
    fn offer(&self) -> Option<Offer> {
        Some(Offer { what: Offered::Copy, from: self.x, to: self.y })
    }

    fn take(&mut self, _offer: &Offer) -> bool {
        false
    }

    fn updates(&self) -> Vec<O> {
        Vec::new()
    }
}

impl Operation for Copy {
    fn formula(&self) -> String {
        "y = x".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation> Differentiate<O> for Copy {
    fn differentiate(&self, tape: &mut Tape<O>) {
        if let Some(dy) = tape.gradient_of(self.y) {
            tape.add(self.x, dy);
        }
    }
}
