//! Fuses the derivative of an activation into the input gradient of the dense layer, the convolution or the max pool behind
//! it, where nothing else reads that gradient.
//!
//! A max pool takes it once for each window, from the number that was the largest. Where windows overlap, it is left to the
//! sums that come of that.

use crate::layers::activation::Activation;
use crate::plan::{BufferId, Extent, Op, Plan, Uses};

/// `dy = dz·Wᵀ; dx = dy·f′` becomes `dx = dz·Wᵀ·f′`.
pub fn fuse_derivative(mut plan: Plan) -> Plan {
    let mut uses = Uses::of(&plan);
    let mut fused = vec![false; plan.steps.len()];
    for (step, fused) in fused.iter_mut().enumerate() {
        let Some((source, f, saved, dy, output)) = fusible(&plan, &uses, step) else { continue };
        match &mut plan.steps[source].op {
            Op::DenseInputGradient { derivative, dx, .. } | Op::ConvInputGradient { derivative, dx, .. } => {
                *derivative = Some((f, saved));
                *dx = output;
            }
            Op::MaxPoolGradient { derivative, dx, .. } => {
                *derivative = Some(f);
                *dx = output;
            }
            _ => {}
        }
        uses.set_writer(output, source);
        plan.buffers[dy.0].extent = Extent::Fixed(0);
        *fused = true;
    }
    plan.remove_steps(&fused);
    plan
}

/// The input gradient before a derivative that is the only reader of it; f, what f′ is taken from, and both gradients.
fn fusible(plan: &Plan, uses: &Uses, step: usize) -> Option<(usize, Activation, BufferId, BufferId, BufferId)> {
    let Op::ActivateGradient { activation, saved, dy, dx } = plan.steps[step].op else { return None };
    let source = uses.writer(dy).filter(|source| *source < step)?;
    let is_source = match &plan.steps[source].op {
        Op::DenseInputGradient { derivative, .. } | Op::ConvInputGradient { derivative, .. } => derivative.is_none(),
        Op::MaxPoolGradient { x, window, derivative: None, .. } => {
            *x == saved && activation.saves_output() && !window.overlaps()
        }
        _ => false,
    };
    let fits = is_source && uses.readers(dy) == 1 && !uses.is_returned(dy);
    fits.then_some((source, activation, saved, dy, dx))
}
