//! Fuses the derivative of an activation into the input gradient of the dense layer or the convolution behind it, where nothing else
//! reads that gradient.

use crate::layers::activation::Activation;
use crate::plan::{BufferId, Extent, Op, Plan};

/// `dy = dz·Wᵀ; dx = dy·f′` becomes `dx = dz·Wᵀ·f′`.
pub fn fuse_derivative(mut plan: Plan) -> Plan {
    let mut step = 0;
    while step < plan.steps.len() {
        match fusible(&plan, step) {
            Some((dense, f, saved, dy, output)) => {
                if let Op::DenseInputGradient { derivative, dx, .. } | Op::ConvInputGradient { derivative, dx, .. } =
                    &mut plan.steps[dense].op
                {
                    *derivative = Some((f, saved));
                    *dx = output;
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
        _ => false,
    };
    let dense = plan.steps[..step].iter().position(|other| is_source(&other.op))?;
    let returned = plan.input_gradients.contains(&Some(dy));
    (readers == 1 && !returned).then_some((dense, activation, saved, dy, dx))
}
