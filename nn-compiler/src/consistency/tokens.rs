//! The inputs of embeddings: token indices.

use crate::diagnostic::{Diagnostic, Sink, code};
use crate::model::{Data, DataSource, Model, Node, ValueId};
use crate::shape::Shapes;

/// An embedding reads the integers of an input: a computed value does not consist of integers.
pub fn check_place(model: &Model, id: ValueId, sink: &mut Sink) {
    let Node::Layer { layer, input } = &model.value(id).node else { return };
    if layer.rule().tokens().is_none() {
        return;
    }
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
    for (id, vocabulary) in model.tokens() {
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
