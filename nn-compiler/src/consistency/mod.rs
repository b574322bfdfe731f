//! Checks that need shapes: data rows, classes, the places of `normalize` and `step`.
//!
//! If a part of the spec could not be resolved, the checks that depend on it are skipped.

mod images;
mod one_hot;
mod rows;
mod tokens;

use crate::agreement::WEIGHTED_TERMS;
use crate::batching;
use crate::diagnostic::{Diagnostic, Edit, Sink, code, counted};
use crate::layers::{Effect, Layer};
use crate::model::{BatchSize, ClassWeights, Data, DataSource, Loss, LossTerm, Model, Node, Schedule, Train, ValueId};
use crate::plan::{TensorKind, Tensors};
use crate::resolve::Known;
use crate::shape::Shapes;
use crate::span::Span;
use crate::vocabulary::Activation;

/// Reports every contradiction between shapes and the rest of the spec.
pub fn check(model: &Model, shapes: &Shapes, tensors: &Tensors, known: &Known, sink: &mut Sink) {
    for id in model.ids() {
        normalize_place(model, id, sink);
        tokens::check_place(model, id, sink);
        softmax_of_one(model, shapes, id, sink);
        softmax_twice(model, id, sink);
    }
    if let Some(data) = model.data.as_ref().filter(|_| known.inputs) {
        images::check(model, shapes, data, sink);
        tokens::check_rows(model, shapes, data, sink);
        rows::check_inputs(model, shapes, data, sink);
    }
    let Some(train) = &model.train else { return };
    if known.graph && known.freezes {
        something_to_train(model, tensors, train, sink);
    }
    if !train.has_loss() {
        step_before(model, &model.outputs, sink);
    }
    for term in &train.losses {
        if term.loss != Loss::Perceptron && !is_step(model, term.output) {
            step_before(model, &[term.output], sink);
        }
        class_weights(model, shapes, term, sink);
    }
    many_class_weights(train, sink);
    if known.train {
        batch_norm_rows(model, shapes, train, sink);
    }
    let Some(data) = model.data.as_ref().filter(|_| train.has_loss()) else { return };
    rows::check_targets(model, shapes, train, data, sink);
    if known.data {
        validation(train, data, sink);
    }
    if known.data && known.train {
        warmup(train, data, sink);
    }
    if known.data && known.inputs {
        columns(model, shapes, train, data, sink);
    }
}

/// Training needs a layer whose parameters it can change.
fn something_to_train(model: &Model, tensors: &Tensors, train: &Train, sink: &mut Sink) {
    if tensors.count(TensorKind::Parameter) == 0 {
        let message = "there is nothing to train: no layer of this network has parameters";
        sink.push(
            Diagnostic::error(code::NOTHING_TO_TRAIN, train.span, message).note("add a layer such as `dense(8)`"),
        );
    } else if tensors.learning() == 0 {
        let message = "there is nothing to train: every layer with parameters is frozen";
        let diagnostic = Diagnostic::error(code::NOTHING_TO_TRAIN, train.span, message);
        sink.push(model.freezes.iter().fold(diagnostic, |diagnostic, span| diagnostic.label(*span, "frozen here")));
    }
}

/// `normalize` measures the training rows before the first step, so no layer before it may learn.
fn normalize_place(model: &Model, id: ValueId, sink: &mut Sink) {
    let Node::Layer { layer: Layer::Normalize(_), .. } = &model.value(id).node else { return };
    let before = reached(model, id, |_| true);
    if let Some(layer) = before.into_iter().rev().find(|before| learns(model, *before)) {
        let message = "`normalize` must come before every layer that learns";
        sink.push(
            Diagnostic::error(code::NORMALIZE_PLACE, model.value(id).span, message)
                .caption("it measures mean and deviation before the first step")
                .label(model.value(layer).span, "this layer learns")
                .suggest("between layers that learn, use", model.value(id).span, "batch_norm"),
        );
    }
}

/// No gradient passes a `step`: layers that reach these outputs only through one never learn. (A step that ends the
/// output of a loss is reported where the loss is resolved.)
fn step_before(model: &Model, outputs: &[ValueId], sink: &mut Sink) {
    let (last_steps, smooth): (Vec<ValueId>, Vec<ValueId>) =
        outputs.iter().partition(|output| is_step(model, **output));
    let mut learning = smooth.clone();
    learning.extend(smooth.iter().flat_map(|output| reached(model, *output, |id| !is_step(model, id))));
    learning.sort_unstable();
    learning.dedup();
    for step in learning.iter().copied().filter(|id| is_step(model, *id)).chain(last_steps) {
        let before = reached(model, step, |_| true).into_iter().rev();
        let cut_off = |id: &ValueId| learns(model, *id) && !learning.contains(id);
        if let Some(layer) = before.into_iter().find(cut_off) {
            let message = "`step` has no gradient, so the layers before it never learn";
            sink.push(
                Diagnostic::error(code::STEP_HAS_NO_GRADIENT, model.value(step).span, message)
                    .label(model.value(layer).span, "this layer never learns")
                    .suggest("for a smooth step, use", model.value(step).span, "sigmoid"),
            );
        }
    }
}

fn is_step(model: &Model, id: ValueId) -> bool {
    match &model.value(id).node {
        Node::Layer { layer, .. } => layer.rule().effect() == Effect::Bends(Activation::Step),
        Node::Input { .. } | Node::Merge { .. } => false,
    }
}

/// The values that `from` is computed from, in order, up to those where `goes_on` is false (these included).
fn reached(model: &Model, from: ValueId, goes_on: impl Fn(ValueId) -> bool) -> Vec<ValueId> {
    let mut before = model.value(from).node.inputs().to_vec();
    let mut seen = vec![false; model.values.len()];
    while let Some(next) = before.pop() {
        if !std::mem::replace(&mut seen[next.0], true) && goes_on(next) {
            before.extend(model.value(next).node.inputs());
        }
    }
    model.ids().filter(|id| seen[id.0]).collect()
}

fn learns(model: &Model, id: ValueId) -> bool {
    let value = model.value(id);
    match &value.node {
        Node::Layer { layer, .. } => !value.is_frozen && layer.rule().learns(),
        Node::Input { .. } | Node::Merge { .. } => false,
    }
}

fn softmax_of_one(model: &Model, shapes: &Shapes, id: ValueId, sink: &mut Sink) {
    if shares(model, id).is_some() && shapes.of(id).len() == 1 {
        let message = "softmax over one unit is always 1";
        let span = model.value(id).span;
        let mut edits = vec![Edit { span, text: "sigmoid".to_owned() }];
        let losses = model.train.iter().flat_map(|train| &train.losses);
        for loss in losses.filter(|term| term.output == id && term.loss.wants_classes()) {
            edits.push(Edit { span: loss.span, text: "binary_cross_entropy".to_owned() });
        }
        let diagnostic = Diagnostic::error(code::SOFTMAX_OF_ONE, span, message);
        let diagnostic = diagnostic.propose("for one yes-or-no output, use", edits, false);
        sink.push(diagnostic.note("with `sigmoid`, the loss is `binary_cross_entropy`"));
    }
}

/// The input of a softmax or its logarithm; `None` for other values.
fn shares(model: &Model, id: ValueId) -> Option<ValueId> {
    match &model.value(id).node {
        Node::Layer { layer, input } => Some(*input).filter(|_| matches!(layer.rule().effect(), Effect::Shares { .. })),
        Node::Input { .. } | Node::Merge { .. } => None,
    }
}

fn softmax_twice(model: &Model, id: ValueId, sink: &mut Sink) {
    if let Some(first) = shares(model, id)
        && shares(model, first).is_some()
    {
        let (first, second) = (model.value(first), model.value(id));
        let message = "softmax is applied twice: the second flattens the probabilities of the first";
        let diagnostic =
            Diagnostic::error(code::SOFTMAX_TWICE, second.span, message).label(first.span, "first softmax");
        let is_one_chain = first.label == second.label && first.uses == second.uses;
        sink.push(match is_one_chain && first.span.end < second.span.start {
            true => diagnostic.suggest("remove the second", Span::new(first.span.end, second.span.end), ""),
            false => diagnostic.note("remove one of the two"),
        });
    }
}

/// One weight for each class, and one that is not 0.
fn class_weights(model: &Model, shapes: &Shapes, term: &LossTerm, sink: &mut Sink) {
    let Some(ClassWeights { weights, span }) = &term.class_weights else { return };
    let (classes, output) = (shapes.of(term.output).len(), model.value(term.output).span);
    let message = if weights.len() != classes {
        format!(
            "there {} {}, but {}",
            if classes == 1 { "is" } else { "are" },
            counted(classes, "class"),
            counted(weights.len(), "weight")
        )
    } else if weights.iter().all(|weight| *weight == 0.0) {
        "all class weights are 0, so there is nothing to learn".to_owned()
    } else {
        return;
    };
    sink.push(
        Diagnostic::error(code::CLASS_WEIGHTS, *span, message)
            .label(output, format!("the output has {}, one for each class", counted(classes, "unit"))),
    );
}

/// A loss has at most that many terms with class weights.
fn many_class_weights(train: &Train, sink: &mut Sink) {
    let mut weighted = train.losses.iter().filter_map(|term| term.class_weights.as_ref());
    if let Some(surplus) = weighted.nth(WEIGHTED_TERMS) {
        let message = format!("at most {WEIGHTED_TERMS} terms of a loss can have class weights");
        sink.push(Diagnostic::error(code::CLASS_WEIGHTS, surplus.span, message));
    }
}

/// `batch_norm` needs several numbers of each feature, and a batch whose size is known.
fn batch_norm_rows(model: &Model, shapes: &Shapes, train: &Train, sink: &mut Sink) {
    let (norm, message, why, note) = match train.batch {
        BatchSize::All => (
            model.batch_norms().next(),
            "`batch_norm` needs a fixed batch size, but this batch is `all`",
            "it computes mean and variance over the batch",
            "memory for a batch is reserved when the network is compiled: write the number of rows, or `batch: 32;`",
        ),
        BatchSize::Rows(1) => (
            batching::lone_norms(model, shapes).next(),
            "`batch_norm` needs a batch of at least 2 rows",
            "with one row, a feature has a single number, which is its own mean",
            "write `batch: 32;`",
        ),
        BatchSize::Rows(_) => return,
    };
    if let Some(norm) = norm {
        let diagnostic = Diagnostic::error(code::BATCH_NORM_BATCH, train.batch_span, message);
        sink.push(diagnostic.label(model.value(norm).span, why).note(note));
    }
}

/// To monitor a metric of validation rows takes validation rows.
fn validation(train: &Train, data: &Data, sink: &mut Sink) {
    if let Some(watched) = &train.early_stopping
        && watched.monitor.on_validation
        && data.validation.is_none()
    {
        let monitor = train.monitor_name(watched.monitor);
        let message = format!("early stopping monitors `{monitor}`, but `data` has no validation rows");
        sink.push(
            Diagnostic::error(code::NO_VALIDATION, watched.span, message)
                .label(data.span, "all rows are used for training")
                .note(format!(
                    "set some aside with `validation: 0.2;` in `data`, or monitor `{}`",
                    train.reported_name(watched.monitor.reported)
                )),
        );
    }
}

/// The warmup of a schedule must end within the steps that the rows of the spec give.
fn warmup(train: &Train, data: &Data, sink: &mut Sink) {
    let (Schedule::Cosine { warmup }, BatchSize::Rows(batch)) = (train.schedule, train.batch) else { return };
    let DataSource::Inline(rows) = &data.source else { return };
    let steps = rows.len().div_ceil(batch * train.accumulate) * train.epochs;
    if warmup < steps || warmup == 0 {
        return;
    }
    let message = format!("`cosine` warms up for {}, but training has at most {steps}", counted(warmup, "step"));
    sink.push(
        Diagnostic::error(code::SCHEDULE_DOES_NOT_FIT, train.schedule_span, message)
            .label(
                data.span,
                format!("its {} make {} over all epochs", counted(rows.len(), "row"), counted(steps, "batch")),
            )
            .note("train for more epochs, or shorten the warmup"),
    );
}

/// The columns of a csv file, as far as the spec lists them.
fn columns(model: &Model, shapes: &Shapes, train: &Train, data: &Data, sink: &mut Sink) {
    let DataSource::Csv { target, columns, one_hot, target_span, columns_span, .. } = &data.source else { return };
    offsets(shapes, train, data, sink);
    let wanted: usize = train.targets.iter().map(|target| target.width(shapes)).sum();
    if target.len() != wanted {
        let named = target.len();
        let message = match (&train.targets[..], &train.losses[..]) {
            ([only], [term, ..]) => {
                let what = match only.is_class {
                    true => "one column with the class".to_owned(),
                    false => format!("{} for its output of {wanted}", counted(wanted, "column")),
                };
                format!("`{}` needs {what}, but `target` names {named}", term.loss.name())
            }
            _ => format!("the losses need {}, but `target` names {named}", counted(wanted, "target column")),
        };
        let mut diagnostic = Diagnostic::error(code::TARGET_WIDTH, *target_span, message);
        if let [only] = &train.targets[..]
            && only.is_class
            && target.len() == shapes.of(only.output).len()
        {
            diagnostic = diagnostic.note(
                "replace one-hot columns with one column of classes, for example with `table[columns].idxmax(axis=1)` in pandas",
            );
        }
        sink.push(train.targets.iter().fold(diagnostic, |diagnostic, target| {
            let takes = match (train.targets.len(), target.is_class) {
                (1, _) => format!("the output is {}", shapes.of(target.output)),
                (_, true) => format!("`{}` takes one column, its class", model.output_name(target)),
                (_, false) => {
                    let columns = counted(target.width(shapes), "column");
                    format!("`{}` takes {columns}", model.output_name(target))
                }
            };
            diagnostic.label(model.value(target.output).span, takes)
        }));
    }
    let inputs: usize = model.inputs.iter().map(|input| shapes.of(*input).len()).sum();
    if let (Some(columns), Some(span), true) = (columns, columns_span, one_hot.is_empty())
        && columns.len() != inputs
    {
        let message = format!("the inputs take {}, but `columns` names {}", counted(inputs, "number"), columns.len());
        let diagnostic = Diagnostic::error(code::INPUT_WIDTH, *span, message);
        sink.push(model.inputs.iter().fold(diagnostic, |diagnostic, input| {
            diagnostic.label(model.value(*input).span, format!("this takes {}", shapes.of(*input)))
        }));
    }
}

/// An offset needs a column of numbers, as far as the spec says which columns those are.
fn offsets(shapes: &Shapes, train: &Train, data: &Data, sink: &mut Sink) {
    let DataSource::Csv { target, columns, one_hot, offsets, .. } = &data.source else { return };
    let mut of_classes = Vec::new();
    let mut names = target.iter();
    for output in &train.targets {
        let own: Vec<&String> = names.by_ref().take(output.width(shapes)).collect();
        if output.is_class {
            of_classes.extend(own);
        }
    }
    for offset in offsets {
        let column = &offset.column;
        let reason = if one_hot.contains(column) {
            "it is in `one_hot`, so it holds categories"
        } else if of_classes.contains(&column) {
            "it is a target that holds classes"
        } else if columns.as_ref().is_some_and(|columns| !columns.contains(column)) && !target.contains(column) {
            "it is neither in `columns` nor a target"
        } else {
            continue;
        };
        let message = format!("`offset` needs a column of numbers, and `{column}` does not have any: {reason}");
        sink.push(Diagnostic::error(code::OFFSET_WITHOUT_NUMBERS, offset.span, message));
    }
}
