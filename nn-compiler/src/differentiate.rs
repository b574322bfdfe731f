//! Reverse-mode differentiation: a plan that ends with losses in, the same plan followed by its gradients out.
//!
//! The pass walks the forward operations backwards; each adds the operations of its own derivative,
//! which its file in `plan/ops` defines. A value used twice gets the sum of its gradients. A value
//! that depends on no parameter gets none: the first layer computes no gradient of its input, and
//! frozen parameters count as constants.

use std::collections::BTreeSet;

use crate::ids::BufferId;
use crate::plan::ops::{AddLoss, Op, Plan, Step};
use crate::plan::{Differentiate, Fields, Origin, Tape, Tensors};

/// Adds the gradients of all parameters that learn, and of `inputs`.
pub fn differentiate(plan: &mut Plan, tensors: &Tensors, inputs: &[BufferId]) {
    let forward: Vec<Step> = plan.steps[..plan.forward].to_vec();
    let wanted = wanted(&forward, tensors, inputs);
    // A loss that nothing learns from is only measured.
    let mut losses = Vec::new();
    for step in &mut plan.steps[plan.forward..] {
        if let Op::AddLoss(AddLoss { of, gradient, .. }) = &mut step.op {
            *gradient = gradient.filter(|_| wanted.contains(of));
            losses.extend(gradient.map(|gradient| (*of, gradient)));
        }
    }
    let mut tape = Tape::new(plan, tensors, wanted);
    tape.set_origin(Origin::WholeLoss);
    losses.into_iter().for_each(|(of, gradient)| tape.add(of, gradient.read()));
    for step in forward.iter().rev() {
        tape.set_origin(step.origin);
        step.op.differentiate(&mut tape);
    }
    let input_gradients = inputs.iter().map(|input| tape.gradient_of(*input).map(|gradient| gradient.0)).collect();
    plan.input_gradients = input_gradients;
}

/// The buffers that depend on a parameter that learns or on one of `inputs`.
fn wanted(forward: &[Step], tensors: &Tensors, inputs: &[BufferId]) -> BTreeSet<BufferId> {
    let mut wanted: BTreeSet<BufferId> = inputs.iter().copied().collect();
    for step in forward {
        let roles = step.op.roles();
        let learns = roles.parameters.iter().any(|tensor| tensors.get(*tensor).learns());
        if learns || roles.reads.iter().any(|read| wanted.contains(read)) {
            wanted.extend(roles.writes);
        }
    }
    wanted
}
