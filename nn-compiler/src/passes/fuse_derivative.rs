//! Fuses the derivative of an activation into the input gradient of the dense layer, the convolution or the max pool behind
//! it, where nothing else reads that gradient.
//!
//! A max pool takes it once for each window, from the number that was the largest. Where windows overlap, it is left to the
//! sums that come of that.

use crate::plan::ops::{
    ActivateGradient, ConvInputGradient, DenseInputGradient, Derivative, MaxPoolGradient, Op, Plan,
};
use crate::plan::roles::{Read, Write};
use crate::plan::{Extent, Uses};
use crate::vocabulary::Activation;

/// What is fused.
struct Fusible {
    /// The step that gives `dy`.
    source: usize,
    activation: Activation,
    saved: Read,
    dy: Read,
    dx: Write,
}

/// `dy = dz·Wᵀ; dx = dy·f′` becomes `dx = dz·Wᵀ·f′`.
pub fn fuse_derivative(mut plan: Plan) -> Plan {
    let mut uses = Uses::of(&plan);
    let mut fused = vec![false; plan.steps.len()];
    for (step, fused) in fused.iter_mut().enumerate() {
        let Some(Fusible { source, activation, saved, dy, dx: output }) = fusible(&plan, &uses, step) else { continue };
        if let Op::DenseInputGradient(DenseInputGradient { derivative, dx, .. })
        | Op::ConvInputGradient(ConvInputGradient { derivative, dx, .. }) = &mut plan.steps[source].op
        {
            *derivative = Some(Derivative { activation, saved });
            *dx = output;
        }
        if let Op::MaxPoolGradient(MaxPoolGradient { derivative, dx, .. }) = &mut plan.steps[source].op {
            *derivative = Some(activation);
            *dx = output;
        }
        uses.set_writer(output.0, source);
        plan.buffers[dy.0.0].extent = Extent::Fixed(0);
        *fused = true;
    }
    plan.remove_steps(&fused);
    plan
}

/// The input gradient before a derivative that is the only reader of it.
fn fusible(plan: &Plan, uses: &Uses, step: usize) -> Option<Fusible> {
    let Op::ActivateGradient(ActivateGradient { activation, saved, dy, dx }) = plan.steps[step].op else { return None };
    let source = uses.writer(dy.0).filter(|source| *source < step)?;
    let fits = takes(&plan.steps[source].op, activation, saved) && uses.readers(dy.0) == 1 && !uses.is_returned(dy.0);
    fits.then_some(Fusible { source, activation, saved, dy, dx })
}

/// Whether an operation can take the derivative of an activation.
fn takes(op: &Op, activation: Activation, saved: Read) -> bool {
    if let Op::DenseInputGradient(DenseInputGradient { derivative, .. })
    | Op::ConvInputGradient(ConvInputGradient { derivative, .. }) = op
    {
        return derivative.is_none();
    }
    let Op::MaxPoolGradient(MaxPoolGradient { x, window, derivative: None, .. }) = op else { return false };
    *x == saved && activation.saves_output() && !window.overlaps()
}
