//! Fuses an elementwise activation into the dense layer or the convolution before it, where nothing else reads the layer's output.

use crate::layers::activation::Activation;
use crate::plan::{BufferId, Op, Plan};

/// `z = x·W + b; y = f(z)` becomes `y = f(x·W + b)`.
///
/// An activation whose derivative is computed from z keeps z in training, and is not fused there.
pub fn fuse_activation(mut plan: Plan) -> Plan {
    let mut step = 0;
    while step < plan.steps.len() {
        match fusible(&plan, step) {
            Some((dense, f, z, output)) => {
                if let Op::Dense { activation, y, .. } | Op::Conv { activation, y, .. } = &mut plan.steps[dense].op {
                    *activation = f;
                    *y = output;
                }
                plan.buffers[z.0].extent = crate::plan::Extent::Fixed(0);
                plan.steps.remove(step);
                plan.forward -= 1;
            }
            None => step += 1,
        }
    }
    plan
}

/// The step with weights before an activation step that is the only reader of its output.
fn fusible(plan: &Plan, step: usize) -> Option<(usize, Activation, BufferId, BufferId)> {
    let Op::Activate { activation, x, y } = plan.steps[step].op else { return None };
    let readers = plan.steps.iter().filter(|other| other.op.reads().contains(&x)).count();
    let dense = plan.steps[..step].iter().position(|other| match other.op {
        Op::Dense { y: z, activation: Activation::Linear, .. }
        | Op::Conv { y: z, activation: Activation::Linear, .. } => z == x,
        _ => false,
    })?;
    (readers == 1).then_some((dense, activation, x, y))
}
