//! Values one after the other, and a part of a value.
//!
//! Backward: the gradient of each value is its part of dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = xs one after the other
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Concat {
    pub xs: Vec<Read>,
    pub y: Write,
}

/// y = the columns of x from `at` on
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Take {
    pub x: Read,
    pub at: usize,
    pub y: Write,
}

fields!(Concat { xs, y });
fields!(Take { x, at, y });
stays!(Concat, Take);

impl Operation for Concat {
    fn formula(&self) -> String {
        "y = the values, concatenated".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<Take>> Differentiate<O> for Concat {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let mut at = 0;
        for x in &self.xs {
            tape.through(*x, self.y, |dy, dx| Take { x: dy, at, y: dx });
            at += tape.width(*x);
        }
    }
}

impl Operation for Take {
    fn formula(&self) -> String {
        format!("y = the columns of x from {} on", self.at)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
