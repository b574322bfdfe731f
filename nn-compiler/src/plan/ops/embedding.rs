//! An embedding: y = the rows of W at the indices x, as columns.
//!
//! Backward: the rows of dW at the indices x += the columns of dy. Token indices have no gradient.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = the rows of W at the indices x, as columns
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Embedding {
    pub x: Read,
    pub weight: Parameter,
    pub y: Write,
}

/// the rows of dW at the indices x += the columns of dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct EmbeddingGradient {
    pub x: Read,
    pub dy: Read,
    pub weight: Accumulate,
}

fields!(Embedding { x, weight, y });
fields!(EmbeddingGradient { x, dy, weight });
stays!(Embedding, EmbeddingGradient);

impl Operation for Embedding {
    fn formula(&self) -> String {
        "y = the rows of W at the indices x, as columns".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<EmbeddingGradient>> Differentiate<O> for Embedding {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, weight, y } = *self;
        if let Some(dy) = tape.gradient_of(y) {
            tape.push(EmbeddingGradient { x, dy, weight: weight.gradient() });
        }
    }
}

impl Operation for EmbeddingGradient {
    fn formula(&self) -> String {
        "the rows of dW at the indices x += the columns of dy".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
