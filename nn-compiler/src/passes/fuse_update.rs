//! Fuses the optimizer's step into the tile that computes a gradient, so that the gradient is stored nowhere.
//!
//! For training plans whose batch is one chunk and whose gradients nothing else needs: no sum over chunks, no norm of
//! all of them. What has no fused operation takes its step right behind the operation that computes its gradient. What no
//! loss reaches takes its step last, since penalties, weight decay and the optimizer's memory move it all the same.
//!
//! The other training plan, with stored gradients, serves `gradients` and batches of several
//! chunks. Code that is not called is not compiled.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Op, Plan, Step, Tensor, TensorId, Tensors};

/// The gradients of a training plan become updates.
pub fn fuse_update(mut plan: Plan, tensors: &Tensors) -> Plan {
    let (forward, backward) = plan.steps.split_at(last_loss(&plan));
    let mut steps = forward.to_vec();
    steps.push(Step { label: "loss".to_owned(), op: Op::CheckLoss, shared: false });
    // The last input gradient that reads each weight, and the first gradient of each.
    let (mut last_read, mut gradient_of) = (BTreeMap::new(), BTreeMap::new());
    for (index, step) in backward.iter().enumerate() {
        match step.op {
            Op::DenseInputGradient { weight, .. } | Op::ConvInputGradient { weight, .. } => {
                last_read.insert(weight, index);
            }
            Op::DenseGradient { weight, .. } | Op::ConvWeightGradient { weight, .. } => {
                gradient_of.entry(weight).or_insert(index);
            }
            _ => {}
        }
    }
    for (index, step) in backward.iter().enumerate() {
        // The input gradient reads the weights, so they are moved behind it.
        let later = match step.op {
            Op::DenseGradient { weight, .. } | Op::ConvWeightGradient { weight, .. } => {
                last_read.get(&weight).is_some_and(|read| *read > index)
            }
            _ => false,
        };
        if !later {
            steps.extend(updated(step, tensors));
        }
        if let Op::DenseInputGradient { weight, .. } | Op::ConvInputGradient { weight, .. } = step.op {
            let gradient = gradient_of.get(&weight).filter(|gradient| **gradient < index);
            steps.extend(gradient.into_iter().flat_map(|gradient| updated(&backward[*gradient], tensors)));
        }
    }
    steps.extend(unreached(&plan, tensors));
    plan.steps = steps;
    plan
}

/// Updates of the parameters that learn and have no gradient: that of the losses is zero.
fn unreached<'a>(plan: &Plan, tensors: &'a Tensors) -> impl Iterator<Item = Step> + use<'a> {
    let reached: BTreeSet<TensorId> = plan.steps.iter().flat_map(|step| step.op.gradients()).collect();
    let learning = tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.learns());
    learning.map(|(index, tensor)| (TensorId(index), tensor)).filter(move |(id, _)| !reached.contains(id)).map(
        |(tensor, Tensor { name, .. })| {
            let layer = name.rsplit_once('.').map_or(name.as_str(), |(layer, _)| layer);
            Step { label: format!("{layer} without a loss"), op: Op::Update { tensor }, shared: false }
        },
    )
}

/// How many steps there are up to the last loss or metric.
fn last_loss(plan: &Plan) -> usize {
    let is_loss = |step: &Step| matches!(step.op, Op::Loss { .. } | Op::Metric { .. });
    plan.steps.iter().rposition(is_loss).map_or(plan.steps.len(), |last| last + 1)
}

/// The step, with the updates of the tensors whose gradients it computes; those that are frozen have none.
fn updated(step: &Step, tensors: &Tensors) -> Vec<Step> {
    let also = |op| Step { label: step.label.clone(), op, shared: false };
    match step.op {
        Op::DenseGradient { x, dy, weight, bias } => {
            let bias = bias.map(|bias| also(Op::DenseBiasUpdate { dy, bias }));
            std::iter::once(also(Op::DenseWeightUpdate { x, dy, weight })).chain(bias).collect()
        }
        _ => {
            let learning = step.op.gradients().into_iter().filter(|tensor| tensors.get(*tensor).learns());
            std::iter::once(step.clone()).chain(learning.map(|tensor| also(Op::Update { tensor }))).collect()
        }
    }
}
