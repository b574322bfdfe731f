//! Fuses the derivative of an activation into the input gradient of the dense layer, the convolution or the max pool behind
//! it, where nothing else reads that gradient.
//!
//! A max pool takes it once for each window, from the number that was the largest. Where windows overlap, it is left to the
//! sums that come of that.

use crate::layers::activation::Activation;
use crate::plan::{BufferId, Extent, Op, Plan};

/// `dy = dz·Wᵀ; dx = dy·f′` becomes `dx = dz·Wᵀ·f′`.
pub fn fuse_derivative(mut plan: Plan) -> Plan {
    let mut step = 0;
    while step < plan.steps.len() {
        match fusible(&plan, step) {
            Some((source, f, saved, dy, output)) => {
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
                plan.buffers[dy.0].extent = Extent::Fixed(0);
                plan.steps.remove(step);
            }
            None => step += 1,
        }
    }
    plan
}

/// The input gradient before a derivative that is the only reader of it; f, what f′ is taken from, and both gradients.
fn fusible(plan: &Plan, step: usize) -> Option<(usize, Activation, BufferId, BufferId, BufferId)> {
    let Op::ActivateGradient { activation, saved, dy, dx } = plan.steps[step].op else { return None };
    let readers = plan.steps.iter().filter(|other| other.op.reads().contains(&dy)).count();
    let is_source = |op: &Op| match op {
        Op::DenseInputGradient { derivative: None, dx, .. } | Op::ConvInputGradient { derivative: None, dx, .. } => {
            *dx == dy
        }
        Op::MaxPoolGradient { x, window, derivative: None, dx, .. } => {
            *dx == dy && *x == saved && activation.saves_output() && !window.overlaps()
        }
        _ => false,
    };
    let source = plan.steps[..step].iter().position(|other| is_source(&other.op))?;
    let returned = plan.input_gradients.contains(&Some(dy));
    (readers == 1 && !returned).then_some((source, activation, saved, dy, dx))
}
