//! Reverse-mode differentiation: a plan that ends with losses in, the same plan followed by its gradients out.
//!
//! The pass walks the forward operations backwards; each adds the operations of its own derivative,
//! which its file in `plan/ops` defines. A value used twice gets the sum of its gradients. A value
//! that depends on no parameter gets none: the first layer computes no gradient of its input, and
//! frozen parameters count as constants.

use std::collections::BTreeSet;

use crate::ids::BufferId;
use crate::plan::ops::{AddLoss, Op, Plan, Step};
use crate::plan::roles::Write;
use crate::plan::{Differentiate, Fields, Origin, Tape, Tensors};

/// Adds the gradients of the losses by all parameters that learn, and by `inputs`.
pub fn differentiate(plan: &mut Plan, tensors: &Tensors, inputs: &[BufferId]) {
    let wanted = wanted(&plan.steps[..plan.forward], tensors, inputs);
    // A loss that nothing learns from is only measured.
    let mut losses = Vec::new();
    for step in &mut plan.steps[plan.forward..] {
        if let Op::AddLoss(AddLoss { of, gradient, .. }) = &mut step.op {
            *gradient = gradient.filter(|_| wanted.contains(of));
            losses.extend(gradient.map(|gradient| (*of, gradient)));
        }
    }
    plan.input_gradients = backwards(plan, tensors, wanted, &losses, inputs);
}

/// Adds the gradients by all parameters that learn, and by `inputs`, of a function of the outputs whose gradients are
/// in buffers. Returns the gradients by `inputs`; `None` where there is none.
pub fn differentiate_outputs(
    plan: &mut Plan,
    tensors: &Tensors,
    outputs: &[(BufferId, Write)],
    inputs: &[BufferId],
) -> Vec<Option<BufferId>> {
    let wanted = wanted(&plan.steps[..plan.forward], tensors, inputs);
    backwards(plan, tensors, wanted, outputs, inputs)
}

/// Adds the derivative of each forward operation, the last one first, from the gradients of some buffers.
fn backwards(
    plan: &mut Plan,
    tensors: &Tensors,
    wanted: BTreeSet<BufferId>,
    from: &[(BufferId, Write)],
    inputs: &[BufferId],
) -> Vec<Option<BufferId>> {
    let forward: Vec<Step> = plan.steps[..plan.forward].to_vec();
    let mut tape = Tape::new(plan, tensors, wanted);
    tape.set_origin(Origin::WholeLoss);
    from.iter().for_each(|(of, gradient)| tape.add(*of, gradient.read()));
    // Copies for the caller have no part in it.
    for step in forward.iter().rev().filter(|step| !matches!(step.origin, Origin::Output(_))) {
        tape.set_origin(step.origin);
        step.op.differentiate(&mut tape);
    }
    inputs.iter().map(|input| tape.gradient_of(*input).map(|gradient| gradient.0)).collect()
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
