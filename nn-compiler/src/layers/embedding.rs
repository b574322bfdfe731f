//! `embedding(vocabulary, width)`: y = the rows of W that x names.
//!
//! | value | shape                 |
//! | ----- | --------------------- |
//! | x     | `[length]`            |
//! | W     | `[vocabulary, width]` |
//! | y     | `[width, length]`     |
//!
//! x is an input whose numbers are token indices: integers from 0 up to the vocabulary. y is a
//! sequence with a channel for each number of a row of W, as `conv1d` and the pools take it.
//! Backward: the rows of dW that x names += dy.
//!
//! Token indices are f32 like all inputs, exact up to 2²⁴, so all rows have one type and data are
//! read in one way. Where rows are checked anyway, what is not an index is refused
//! (`Network::bad_token`, which is generated). `predict` cannot return an error, so it returns NaN
//! rather than something plausible.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::weights::Weights;
use crate::diagnostic::code;
use crate::plan::ops;
use crate::plan::roles::{Parameter, Read};
use crate::plan::{Extent, Lowering};
use crate::shape::{MOST_ELEMENTS, Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Up to this, every integer is exact as a 32-bit float.
const MOST_TOKENS: usize = 1 << 24;

/// A table with a row for each token.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    /// The number of tokens.
    pub vocabulary: usize,
    /// The length of the vector for each.
    pub width: usize,
    /// How the vectors are initialised.
    pub init: Init,
}

/// `embedding(vocabulary, width, init: normal(1))`
pub const SIGNATURE: Signature<Embedding> = Signature {
    name: "embedding",
    elsewhere: &[],
    kind: LayerKind::Weights,
    arguments: &[
        ArgumentSpec::size("vocabulary", "the number of tokens"),
        ArgumentSpec::size("width", "the length of the vector for each token"),
        ArgumentSpec::init("init", Init::Normal(1.0), "how the vectors are initialised"),
    ],
    make: |bound| {
        let written = bound.initialiser("init");
        let init = if written == Init::Auto { Init::Normal(1.0) } else { written };
        Embedding { vocabulary: bound.size("vocabulary"), width: bound.size("width"), init }
    },
    doc: "a learned vector for each token index",
};

impl Rule for Embedding {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
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
            // A flattened value is computed, so it is not an input.
            let error = *ShapeError::needs_flat(code::NEEDS_FLAT_INPUT, "embedding", input);
            return Err(Box::new(ShapeError { insert: None, ..error }));
        };
        if self.vocabulary > MOST_TOKENS {
            return Err(too_large(format!(
                "`embedding` takes at most {MOST_TOKENS} tokens: indices are 32-bit floats, which cannot hold larger integers"
            )));
        }
        if self.vocabulary.checked_mul(self.width).is_none_or(|weights| weights > MOST_ELEMENTS) {
            let message =
                format!("`embedding({}, {})` has more than {MOST_ELEMENTS} weights", self.vocabulary, self.width);
            return Err(too_large(message));
        }
        Ok(Shape(vec![self.width, length]))
    }

    fn has_parameters(&self) -> bool {
        true
    }

    fn learns(&self) -> bool {
        true
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

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    /// It computes nothing.
    fn flops(&self, _input: &Shape) -> u64 {
        0
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        Some(Init::GlorotUniform)
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        Some(self.vocabulary)
    }

    fn effect(&self) -> Effect {
        Effect::LooksUp { init: self.init }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [weight] = lowering.tensors().map(Parameter);
        let y = lowering.buffer("y", Extent::Rows(self.width * lowering.width(x)));
        lowering.push(ops::Embedding { x, weight, y });
        y.read()
    }
}

fn too_large(message: String) -> Box<ShapeError> {
    let caption = "too many weights".to_owned();
    Box::new(ShapeError { code: code::TOO_LARGE, message, caption, insert: None, replace: None })
}
