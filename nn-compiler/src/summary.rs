//! What a network costs, the table that shows it, and the hash that identifies a model.

use sha2::{Digest, Sha256};

use crate::compiled::{Compiled, TrainingPlans};
use crate::labels::label;
use crate::model::{Batch, Model, Node, ValueId};
use crate::peak::peak;
use crate::plan::{ALIGNMENT, Op, Plan, Tensor, TensorKind, Tensors};
use crate::shape::Shapes;

/// Bytes of an f32.
const NUMBER: usize = 4;

/// The most rows that the workspace of a training step holds, if the batch can be split into chunks.
const MOST_ROWS: usize = 256;

/// What a network costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// Trainable numbers, including frozen ones.
    pub params: usize,
    /// Observed numbers: running statistics, normalization.
    pub statistics: usize,
    /// Multiply-adds for one row.
    pub macs: u64,
    /// Floating-point operations for one row.
    pub flops: u64,
    /// Bytes at inference: the network and the activations of one row.
    pub memory: usize,
    /// Bytes while training: network, gradients, optimizer state, workspace.
    pub training_memory: Option<usize>,
    /// Bytes of trainable numbers.
    pub size: usize,
}

/// Adds up what every layer costs.
pub fn costs(
    model: &Model,
    shapes: &Shapes,
    tensors: &Tensors,
    inference: &Plan,
    training: Option<&TrainingPlans>,
) -> Costs {
    let parameters = tensors.storage(TensorKind::Parameter);
    let network = parameters + tensors.storage(TensorKind::Statistic);
    let states = model.train.as_ref().map_or(0, |train| train.optimizer.states());
    let params = tensors.count(TensorKind::Parameter);
    Costs {
        params,
        statistics: tensors.count(TensorKind::Statistic),
        macs: model.ids().map(|id| macs(model, shapes, id)).sum(),
        flops: model.ids().map(|id| flops(model, shapes, id)).sum(),
        memory: NUMBER * (network + inference.scratch(1)),
        training_memory: training
            .map(|plans| NUMBER * (network + tensors.learning() * (1 + states) + workspace(model, plans))),
        size: NUMBER * params,
    }
}

/// Multiply-adds of one value for one row.
pub fn macs(model: &Model, shapes: &Shapes, id: ValueId) -> u64 {
    match &model.value(id).node {
        Node::Layer { layer, input } => layer.rule().macs(shapes.of(*input)),
        Node::Input { .. } | Node::Merge { .. } => 0,
    }
}

/// Floating-point operations of one value for one row.
pub fn flops(model: &Model, shapes: &Shapes, id: ValueId) -> u64 {
    match &model.value(id).node {
        Node::Layer { layer, input } => layer.rule().flops(shapes.of(*input)),
        Node::Merge { merge: crate::model::Merge::Concat, .. } | Node::Input { .. } => 0,
        Node::Merge { inputs, .. } => (shapes.of(id).len() * (inputs.len() - 1)) as u64,
    }
}

/// Trainable numbers of one value.
pub fn params(model: &Model, shapes: &Shapes, id: ValueId) -> usize {
    match &model.value(id).node {
        Node::Layer { layer, input } => {
            let specs = layer.rule().parameters(shapes.of(*input));
            specs.iter().filter(|spec| spec.trainable).map(|spec| spec.shape.iter().product::<usize>()).sum()
        }
        Node::Input { .. } | Node::Merge { .. } => 0,
    }
}

/// Whether a batch cannot be split into chunks.
fn needs_whole_batch(model: &Model) -> bool {
    model.batch_norms().next().is_some()
}

/// The `batch_norm` layers with one number of each feature in a row, so that one row is its own mean.
pub fn lone_norms(model: &Model, shapes: &Shapes) -> impl Iterator<Item = ValueId> {
    model.batch_norms().filter(|id| shapes.of(*id).len() == shapes.of(*id).features())
}

/// The smallest batch, in rows.
pub fn least_rows(model: &Model, shapes: &Shapes) -> usize {
    if lone_norms(model, shapes).next().is_some() { 2 } else { 1 }
}

/// How many of this many training rows are left out of each epoch, because the last batch would have too few rows. The
/// same as `Trainable::rows_left_out` of the runtime.
pub fn rows_left_out(model: &Model, shapes: &Shapes, rows: usize) -> usize {
    match model.train.as_ref().map(|train| train.batch) {
        Some(Batch::Rows(batch)) if rows > batch && rows % batch < least_rows(model, shapes) => rows % batch,
        Some(Batch::Rows(_) | Batch::All) | None => 0,
    }
}

/// The rows that pass through a training step at once.
pub fn chunk(model: &Model) -> usize {
    match model.train.as_ref().map(|train| train.batch) {
        Some(Batch::Rows(rows)) if needs_whole_batch(model) => rows,
        Some(Batch::Rows(rows)) => rows.min(MOST_ROWS),
        Some(Batch::All) | None => MOST_ROWS,
    }
}

/// Whether each gradient can be consumed where it is computed: all rows of a step pass at once, and no norm over all
/// gradients is needed.
pub fn fuses_update(model: &Model) -> bool {
    model.train.as_ref().is_some_and(|train| {
        train.batch == Batch::Rows(chunk(model)) && train.accumulate == 1 && train.clip_norm.is_none()
    })
}

/// The numbers that a row takes in the scratch of an evaluation.
pub fn evaluation_scratch(plans: &TrainingPlans) -> usize {
    plans.evaluation.scratch(1).max(ALIGNMENT)
}

/// The numbers in the workspace of a training step: enough for every plan that runs in it.
pub fn workspace(model: &Model, plans: &TrainingPlans) -> usize {
    let rows = chunk(model);
    let normalization = plans.normalization.iter().map(|plan| plan.scratch(rows)).max().unwrap_or_default();
    let step = plans.step.as_ref().map_or(0, |plan| plan.scratch(rows));
    plans.training.scratch(rows).max(step).max(normalization).max(evaluation_scratch(plans))
}

/// The table of `nn summary` and `Network::SUMMARY`.
pub fn table(compiled: &Compiled) -> String {
    let Compiled { model, shapes, tensors, costs, .. } = compiled;
    let mut rows = vec![["Layer", "Output shape", "Params", "MACs"].map(str::to_owned)];
    for id in model.ids() {
        let value = model.value(id);
        let kind = match &value.node {
            Node::Input { .. } => "input",
            Node::Layer { layer, .. } => layer.rule().name(),
            Node::Merge { merge, .. } => merge.name(),
        };
        let (numbers, macs) = (grouped(params(model, shapes, id) as u64), grouped(macs(model, shapes, id)));
        let frozen = if value.is_frozen && params(model, shapes, id) > 0 { ", frozen" } else { "" };
        rows.push([format!("{} ({kind}{frozen})", value.label), shapes.of(id).to_string(), numbers, macs]);
    }
    let mut text = format!("Network {}\n{}", model.name, aligned(&rows));
    let learning: usize = tensors.all.iter().filter(|tensor| tensor.learns()).map(Tensor::len).sum();
    text.push_str(&format!("Trainable params: {}\n", grouped(learning as u64)));
    if learning < costs.params {
        text.push_str(&format!("Frozen params: {}\n", grouped((costs.params - learning) as u64)));
    }
    if costs.statistics > 0 {
        text.push_str(&format!("Statistics: {}\n", grouped(costs.statistics as u64)));
    }
    text.push_str(&format!("MACs for one row: {}\n", grouped(costs.macs)));
    text.push_str(&format!("Memory at inference: {}\n", bytes(costs.memory)));
    text.push_str(&activations(model, "inference", &compiled.inference, 1));
    if let Some(memory) = costs.training_memory {
        let batch = match model.train.as_ref().map(|train| train.batch) {
            Some(Batch::Rows(rows)) => format!("batch {rows}"),
            Some(Batch::All) | None => format!("chunks of {}", chunk(model)),
        };
        text.push_str(&format!("Memory in training: {} ({batch})\n", bytes(memory)));
    }
    if let Some(plans) = &compiled.training {
        let rows = chunk(model);
        let larger = plans.step.iter().find(|step| step.scratch(rows) >= plans.training.scratch(rows));
        text.push_str(&activations(model, "training", larger.unwrap_or(&plans.training), rows));
    }
    text
}

/// How much of the memory is activations, and during which step most of them are needed; nothing where there are none.
fn activations(model: &Model, when: &str, plan: &Plan, rows: usize) -> String {
    let Some(peak) = peak(plan, rows) else { return String::new() };
    let (all, most) = (bytes(NUMBER * plan.scratch(rows)), bytes(NUMBER * peak.numbers));
    let step = &plan.steps[peak.step];
    let is_backward = peak.step >= plan.forward && !matches!(step.op, Op::AddLoss(_) | Op::AddMetric(_));
    let pass = if is_backward { "backward pass of " } else { "" };
    format!("  activations in {when}: {all}; peak: {most}, {pass}{}\n", label(model, step.origin))
}

/// Columns of equal width between rules; numbers are right-aligned.
fn aligned(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    let rule = "─".repeat(widths.iter().sum::<usize>() + 6);
    let mut text = format!("{rule}\n");
    for (index, row) in rows.iter().enumerate() {
        let [layer, shape, params, macs] = row;
        let [a, b, c, d] = widths;
        text.push_str(format!("{layer:<a$}  {shape:<b$}  {params:>c$}  {macs:>d$}").trim_end());
        text.push('\n');
        if index == 0 || index + 1 == rows.len() {
            text.push_str(&format!("{rule}\n"));
        }
    }
    text
}

/// `12_345` as `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 KiB (12,595 bytes)`.
fn bytes(number: usize) -> String {
    let exact = format!("{} bytes", grouped(number as u64));
    match number {
        0..1024 => exact,
        1024..1_048_576 => format!("{:.1} KiB ({exact})", number as f64 / 1024.0),
        _ => format!("{:.1} MiB ({exact})", number as f64 / 1_048_576.0),
    }
}

/// Identifies what determines the names, shapes and meaning of a model's tensors: not `train`, not `data`,
/// not initialisers, penalties or dropout.
pub fn hash(compiled: &Compiled) -> String {
    let Compiled { model, shapes, .. } = compiled;
    let mut hasher = Sha256::new();
    let mut named: Vec<ValueId> = Vec::with_capacity(model.values.len());
    for id in model.ids() {
        let value = model.value(id);
        // Layers that do not change values at inference are ignored.
        let through = |id: &ValueId| named[id.0];
        let (what, inputs): (String, Vec<ValueId>) = match &value.node {
            Node::Input { .. } => ("input".to_owned(), Vec::new()),
            Node::Layer { layer, input } => match layer.rule().identity() {
                Some(identity) => (identity, vec![through(input)]),
                None => {
                    named.push(through(input));
                    continue;
                }
            },
            Node::Merge { merge, inputs } => (merge.name().to_owned(), inputs.iter().map(through).collect()),
        };
        named.push(id);
        hasher.update(format!("{} {what} {} {inputs:?}\n", value.label, shapes.of(id)));
    }
    let outputs: Vec<ValueId> = model.outputs.iter().map(|output| named[output.0]).collect();
    hasher.update(format!("{:?} {outputs:?}", model.inputs));
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;

    /// The rows that an epoch of 33, 64 and 7 rows leaves out.
    fn left_out(chain: &str, batch: &str) -> [usize; 3] {
        let text = format!(
            "network A {{ input x: [2, 6]; output z = x -> flatten -> dense(2, bias: false) -> batch_norm;
             output y = x -> {chain} -> flatten -> dense(1);
             train {{ loss: mse(y); optimizer: sgd; batch: {batch}; }} freeze frozen; frozen = x -> batch_norm; \
             output w = frozen -> tanh; }}"
        );
        let compiled = compile(&text).compiled.expect("the spec is sound");
        [33, 64, 7].map(|rows| rows_left_out(&compiled.model, &compiled.shapes, rows))
    }

    #[test]
    fn a_row_by_itself_is_left_out_where_it_is_its_own_mean() {
        assert_eq!(left_out("flatten -> batch_norm", "32"), [1, 0, 0]);
        assert_eq!(left_out("flatten -> batch_norm", "3"), [0, 1, 1]);
        assert_eq!(left_out("conv1d(2, kernel: 6) -> batch_norm", "32"), [1, 0, 0]);
        assert_eq!(left_out("conv1d(2, kernel: 5) -> batch_norm", "32"), [0; 3]);
        assert_eq!(left_out("batch_norm", "1"), [0; 3]);
        // Norms that no loss reaches, or that are frozen, take no part.
        assert_eq!(left_out("tanh", "1"), [0; 3]);
        assert_eq!(left_out("tanh", "all"), [0; 3]);
    }
}
