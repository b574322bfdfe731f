//! What a network costs: parameters, multiply-adds, memory.

use crate::batching::chunk;
use crate::ids::ValueId;
use crate::model::{Merge, Model, Node, Train};
use crate::plan::{ALIGNMENT, Plan, TensorKind, Tensors, TrainingPlans};
use crate::shape::Shapes;
use crate::stack::{self, Stack};

/// Bytes of an f32.
pub const NUMBER: usize = 4;

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
    /// The stack that a prediction takes at most.
    pub stack: Stack,
    /// The stack that a step takes at most.
    pub training_stack: Option<Stack>,
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
    let has_loss = model.train.as_ref().is_some_and(Train::has_loss);
    let outputs = model.outputs.iter().map(|id| shapes.of(*id).len()).sum::<usize>();
    Costs {
        params,
        statistics: tensors.count(TensorKind::Statistic),
        macs: model.ids().map(|id| macs(model, shapes, id)).sum(),
        flops: model.ids().map(|id| flops(model, shapes, id)).sum(),
        memory: NUMBER * (network + inference.scratch(1)),
        training_memory: training.map(|plans| {
            NUMBER * (network + tensors.learning() * (1 + states) + workspace(model, plans) + outputs * chunk(model))
        }),
        stack: stack::predict(inference, outputs),
        training_stack: training.map(|plans| stack::train(plans, has_loss, chunk(model))),
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
        Node::Merge { merge: Merge::Concat, .. } | Node::Input { .. } => 0,
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

/// The numbers that a row takes in the scratch of an evaluation.
pub fn evaluation_scratch(plans: &TrainingPlans) -> usize {
    plans.evaluation.scratch(1).max(ALIGNMENT)
}

/// The numbers in the workspace of a training step: enough for every plan that runs in it.
pub fn workspace(model: &Model, plans: &TrainingPlans) -> usize {
    let rows = chunk(model);
    let normalization = plans.normalization.iter().map(|plan| plan.scratch(rows)).max().unwrap_or_default();
    let step = plans.step.as_ref().map_or(0, |plan| plan.scratch(rows));
    plans
        .training
        .scratch(rows)
        .max(plans.external.scratch(rows))
        .max(step)
        .max(normalization)
        .max(evaluation_scratch(plans))
}
