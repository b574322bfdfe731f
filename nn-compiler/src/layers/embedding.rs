//! `embedding(vocabulary, width)`: y = the rows of W that x names.
//!
//! | value | shape                 |
//! | ----- | --------------------- |
//! | x     | `[length]`            |
//! | W     | `[vocabulary, width]` |
//! | y     | `[width, length]`     |
//!
//! x is an input whose numbers are token indices: integers from 0 up to the vocabulary. y is a sequence with a channel for
//! each number of a row of W, as `conv1d` and the pools take it. Backward: the rows of dW that x names += dy.

use super::{Init, Layer, ParameterSpec, Rule, Signature};
use crate::diagnostic::code;
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::plan::{BufferId, Extent, Op, TensorId};
use crate::resolve::arguments::Parameter;
use crate::shape::{MOST_ELEMENTS, Shape, ShapeError};

/// A table with a row for each token.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// How many tokens there are.
    pub vocabulary: usize,
    /// The numbers for each.
    pub width: usize,
    /// How they start.
    pub init: Init,
}

/// `embedding(vocabulary, width, init: normal(1))`
pub const SIGNATURE: Signature = Signature {
    name: "embedding",
    parameters: &[
        Parameter::size("vocabulary", "how many tokens there are"),
        Parameter::size("width", "how many numbers stand for each"),
        Parameter::init("init", Init::Normal(1.0), "how they start"),
    ],
    make: |bound| {
        let init = match bound.initialiser("init") {
            Init::Auto => Init::Normal(1.0),
            init => init,
        };
        Layer::Embedding(Embedding { vocabulary: bound.size("vocabulary"), width: bound.size("width"), init })
    },
    doc: "for each token index a row of a table that is learned",
};

impl Rule for Embedding {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("vocabulary", self.vocabulary.to_string()),
            ("width", self.width.to_string()),
            ("init", self.init.to_string()),
        ]
    }

    fn identity(&self) -> Option<String> {
        Some(format!("embedding(vocabulary:{},width:{})", self.vocabulary, self.width))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let Some(length) = input.flat() else {
            return Err(ShapeError::needs_flat(code::NEEDS_FLAT_INPUT, "embedding", input));
        };
        if self.vocabulary.checked_mul(self.width).is_none_or(|weights| weights > MOST_ELEMENTS) {
            return Err(Box::new(ShapeError {
                code: code::TOO_LARGE,
                message: format!(
                    "`embedding({}, {})` has more than {MOST_ELEMENTS} weights",
                    self.vocabulary, self.width
                ),
                caption: "too many weights".to_owned(),
                insert: None,
                replace: None,
            }));
        }
        Ok(Shape(vec![self.width, length]))
    }

    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        vec![ParameterSpec {
            name: "weight",
            shape: vec![self.vocabulary, self.width],
            trainable: true,
            init: self.init,
            l1: 0.0,
            l2: 0.0,
        }]
    }

    /// It computes nothing.
    fn flops(&self, _input: &Shape) -> u64 {
        0
    }

    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId {
        let weight = lowering.tensor("weight");
        let y = lowering.buffer("y", Extent::Rows(self.width * lowering.width(x)));
        lowering.push(Op::Embedding { x, weight, y });
        y
    }
}

/// Adds the backward operation of [`Op::Embedding`]; token indices have no gradient.
pub fn gradient(tape: &mut Tape, x: BufferId, weight: TensorId, y: BufferId) {
    if let Some(dy) = tape.gradient_of(y) {
        tape.push(Op::EmbeddingGradient { x, dy, weight });
    }
}
