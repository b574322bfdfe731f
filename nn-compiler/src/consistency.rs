//! What can only be judged when shapes are known: data rows, classes, the place of `normalize`.

use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::layers::Layer;
use crate::model::{Data, DataSource, LossTerm, Model, Node, ValueId};
use crate::plan::TensorKind;
use crate::plan::Tensors;
use crate::shape::Shapes;

/// Reports every contradiction between shapes and the rest of the spec.
pub fn check(model: &Model, shapes: &Shapes, tensors: &Tensors, sink: &mut Sink) {
    for id in model.ids() {
        normalize_place(model, shapes, id, sink);
        softmax_of_one(model, shapes, id, sink);
    }
    let Some(train) = &model.train else { return };
    if tensors.count(TensorKind::Parameter) == 0 {
        let message = "there is nothing to train: no layer of this network has parameters";
        sink.push(Diagnostic::error(code::NOTHING_TO_TRAIN, train.span, message).note("add a layer such as `dense(8)`"));
    }
    if let (Some(data), [term]) = (&model.data, &train.losses[..]) {
        rows(model, shapes, data, term, sink);
    }
}

/// `normalize` looks at the training rows before the first step, when layers that learn have not learned yet.
fn normalize_place(model: &Model, shapes: &Shapes, id: ValueId, sink: &mut Sink) {
    let Node::Layer { layer: Layer::Normalize(_), .. } = &model.value(id).node else { return };
    let mut before = model.value(id).node.inputs().to_vec();
    let mut seen = vec![false; model.values.len()];
    while let Some(next) = before.pop() {
        if std::mem::replace(&mut seen[next.0], true) {
            continue;
        }
        let value = model.value(next);
        if let Node::Layer { layer, input } = &value.node
            && layer.learns(shapes.of(*input))
        {
            let message = "`normalize` must stand before every layer that learns";
            sink.push(
                Diagnostic::error(code::NORMALIZE_PLACE, model.value(id).span, message)
                    .caption("it takes mean and deviation before the first step")
                    .label(value.span, "this layer learns")
                    .suggest("between layers that learn, use", model.value(id).span, "batch_norm"),
            );
            return;
        }
        before.extend(value.node.inputs());
    }
}

fn softmax_of_one(model: &Model, shapes: &Shapes, id: ValueId, sink: &mut Sink) {
    if let Node::Layer { layer: Layer::Softmax(_) | Layer::LogSoftmax(_), .. } = &model.value(id).node
        && shapes.of(id).len() == 1
    {
        let message = "softmax over one unit is always 1";
        sink.push(
            Diagnostic::error(code::SOFTMAX_OF_ONE, model.value(id).span, message)
                .suggest("for one yes-or-no output, use", model.value(id).span, "sigmoid")
                .note("the loss of a sigmoid is `binary_cross_entropy`"),
        );
    }
}

/// Inline rows: their widths, and classes within the output.
fn rows(model: &Model, shapes: &Shapes, data: &Data, term: &LossTerm, sink: &mut Sink) {
    let DataSource::Inline(rows) = &data.source else { return };
    let inputs: usize = model.inputs.iter().map(|input| shapes.of(*input).len()).sum();
    let outputs = shapes.of(term.output).len();
    let targets = if term.loss.wants_classes() { 1 } else { outputs };
    for row in rows {
        for (what, wanted, found) in [("input", inputs, row.inputs.len()), ("target", targets, row.targets.len())] {
            if wanted != found {
                let message = format!("the {what} of a row must have {wanted} numbers, but this one has {found}");
                sink.push(Diagnostic::error(code::ROW_WIDTH, row.span, message));
            }
        }
        if let (true, [class]) = (term.loss.wants_classes(), &row.targets[..])
            && (class.fract() != 0.0 || *class < 0.0 || *class >= outputs as f64)
        {
            let message = format!("the class must be an integer from 0 to {}, but it is {class}", outputs - 1);
            sink.push(Diagnostic::error(code::BAD_LABEL, row.span, message));
        }
    }
}
