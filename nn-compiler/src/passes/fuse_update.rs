//! Fuses the optimizer's step into the tile that computes a gradient, so that the gradient is never stored.
//!
//! For training plans whose batch is one chunk and whose gradients nothing else needs: no sum over
//! chunks, no norm of all of them. A parameter without a fused operation takes its step right after
//! the operation that computes its gradient. A parameter that no loss reaches takes its step last,
//! since penalties, weight decay and the optimizer's state still change it.
//!
//! The other training plan, with stored gradients, serves `gradients` and batches of several
//! chunks. Code that is not called is not compiled.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::TensorId;
use crate::plan::ops::{CheckLoss, Plan, Step, UpdateTensor};
use crate::plan::roles::{LossSum, Update};
use crate::plan::{Fuse, Origin, Tensors};

/// Turns the gradients of a training plan into updates.
pub fn fuse_update(mut plan: Plan, tensors: &Tensors) -> Plan {
    let (forward, backward) = plan.steps.split_at(last_loss(&plan));
    let mut steps = forward.to_vec();
    steps.push(Step { origin: Origin::WholeLoss, op: CheckLoss { loss: LossSum }.into(), shared: false });
    // A tensor is updated after the last step that reads it.
    let mut last_read: BTreeMap<TensorId, usize> = BTreeMap::new();
    for (index, step) in backward.iter().enumerate() {
        last_read.extend(step.op.parameters().into_iter().map(|tensor| (tensor, index)));
    }
    let mut waiting: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    for (index, step) in backward.iter().enumerate() {
        let gradients = step.op.gradients();
        let read = gradients.iter().filter_map(|tensor| last_read.get(tensor)).max().copied();
        match read.filter(|read| *read > index) {
            Some(read) => waiting.entry(read).or_default().extend(updated(step, tensors)),
            None => steps.extend(updated(step, tensors)),
        }
        steps.extend(waiting.remove(&index).into_iter().flatten());
    }
    steps.extend(unreached(&plan, tensors));
    plan.steps = steps;
    plan
}

/// Updates of the parameters that learn and have no gradient: the gradient of the losses is zero.
fn unreached<'a>(plan: &Plan, tensors: &'a Tensors) -> impl Iterator<Item = Step> + use<'a> {
    let reached: BTreeSet<TensorId> = plan.steps.iter().flat_map(|step| step.op.gradients()).collect();
    let learning = tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.learns());
    learning.map(|(index, tensor)| (TensorId(index), tensor)).filter(move |(id, _)| !reached.contains(id)).map(
        |(id, tensor)| {
            let origin = Origin::Unreached(tensor.value);
            Step { origin, op: UpdateTensor { tensor: Update(id) }.into(), shared: false }
        },
    )
}

/// How many steps there are up to the last loss or metric.
fn last_loss(plan: &Plan) -> usize {
    plan.steps.iter().rposition(|step| step.origin.measures()).map_or(plan.steps.len(), |last| last + 1)
}

/// The step, with the updates of the tensors whose gradients it computes; frozen ones have none.
fn updated(step: &Step, tensors: &Tensors) -> Vec<Step> {
    let also = |op| Step { origin: step.origin, op, shared: false };
    let fused = step.op.updates();
    if !fused.is_empty() {
        return fused.into_iter().map(also).collect();
    }
    let learning = step.op.gradients().into_iter().filter(|tensor| tensors.get(*tensor).learns());
    let updates = learning.map(|tensor| also(UpdateTensor { tensor: Update(tensor) }.into()));
    std::iter::once(step.clone()).chain(updates).collect()
}
