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
//!
//! Token indices are f32 like all inputs, exact up to 2²⁴, so all rows have one type and data are
//! read in one way. Where rows are checked anyway, what is not an index is refused
//! (`Network::bad_token`, which is generated). `predict` cannot return an error, so it returns NaN
//! rather than something plausible.

use super::{Init, Layer, ParameterSpec, Rule, Signature};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::model::{Data, DataSource, Model, Node, ValueId};
use crate::plan::{BufferId, Extent, Op, TensorId};
use crate::resolve::arguments::Parameter;
use crate::shape::{MOST_ELEMENTS, Shape, ShapeError, Shapes};

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
pub const SIGNATURE: Signature = Signature {
    name: "embedding",
    parameters: &[
        Parameter::size("vocabulary", "the number of tokens"),
        Parameter::size("width", "the length of the vector for each token"),
        Parameter::init("init", Init::Normal(1.0), "how the vectors are initialised"),
    ],
    make: |bound| {
        let init = match bound.initialiser("init") {
            Init::Auto => Init::Normal(1.0),
            init => init,
        };
        Layer::Embedding(Embedding { vocabulary: bound.size("vocabulary"), width: bound.size("width"), init })
    },
    doc: "a learned vector for each token index",
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

fn too_large(message: String) -> Box<ShapeError> {
    let caption = "too many weights".to_owned();
    Box::new(ShapeError { code: code::TOO_LARGE, message, caption, insert: None, replace: None })
}

/// An embedding reads the integers of an input: a computed value does not consist of integers.
pub fn check_place(model: &Model, id: ValueId, sink: &mut Sink) {
    let Node::Layer { layer: Layer::Embedding(_), input } = &model.value(id).node else { return };
    let before = model.value(*input);
    if !matches!(before.node, Node::Input { .. }) {
        let message = "`embedding` takes the token indices of an input";
        sink.push(
            Diagnostic::error(code::EMBEDDING_PLACE, model.value(id).span, message)
                .caption("put it right after an input")
                .label(before.span, "this is computed"),
        );
    }
}

/// The tokens of inline rows. (Rows of another width are reported elsewhere.)
pub fn check_rows(model: &Model, shapes: &Shapes, data: &Data, sink: &mut Sink) {
    let DataSource::Inline(rows) = &data.source else { return };
    for (id, vocabulary) in tokens(model) {
        let before = model.inputs.iter().take_while(|input| **input != id);
        let start: usize = before.map(|input| shapes.of(*input).len()).sum();
        let is_token = |number: &f64| number.fract() == 0.0 && (0.0..vocabulary as f64).contains(number);
        let end = start + shapes.of(id).len();
        for row in rows {
            let (Some(numbers), Some(spans)) = (row.inputs.get(start..end), row.input_spans.get(start..end)) else {
                continue;
            };
            for (number, span) in numbers.iter().zip(spans).filter(|(number, _)| !is_token(number)) {
                let last = vocabulary - 1;
                let message = format!("a token must be an integer from 0 to {last}, but it is {number}");
                let input = model.value(id);
                sink.push(
                    Diagnostic::error(code::BAD_TOKEN, *span, message)
                        .label(input.span, format!("`{}` holds tokens", input.label)),
                );
            }
        }
    }
}

/// The inputs that hold token indices, each with the number of tokens.
pub fn tokens(model: &Model) -> impl Iterator<Item = (ValueId, usize)> {
    model.values.iter().filter_map(|value| match &value.node {
        Node::Layer { layer: Layer::Embedding(embedding), input } => Some((*input, embedding.vocabulary)),
        Node::Layer { .. } | Node::Input { .. } | Node::Merge { .. } => None,
    })
}

/// Adds the backward operation of [`Op::Embedding`]; token indices have no gradient.
pub fn gradient(tape: &mut Tape, x: BufferId, weight: TensorId, y: BufferId) {
    if let Some(dy) = tape.gradient_of(y) {
        tape.push(Op::EmbeddingGradient { x, dy, weight });
    }
}
