//! Fuses an elementwise activation into the dense layer or the convolution before it, where nothing else reads the layer's output.

use crate::layers::activation::Activation;
use crate::plan::{BufferId, Extent, Op, Plan, Uses};

/// `z = x·W + b; y = f(z)` becomes `y = f(x·W + b)`.
///
/// An activation whose derivative is computed from z keeps z in training, and is not fused there.
pub fn fuse_activation(mut plan: Plan) -> Plan {
    let mut uses = Uses::of(&plan);
    let mut fused = vec![false; plan.steps.len()];
    for (step, fused) in fused.iter_mut().enumerate() {
        let Some((dense, f, z, output)) = fusible(&plan, &uses, step) else { continue };
        if let Op::Dense { activation, y, .. } | Op::Conv { activation, y, .. } = &mut plan.steps[dense].op {
            *activation = f;
            *y = output;
        }
        uses.set_writer(output, dense);
        plan.buffers[z.0].extent = Extent::Fixed(0);
        *fused = true;
    }
    plan.remove_steps(&fused);
    plan
}

/// The step with weights before an activation step that is the only reader of its output.
fn fusible(plan: &Plan, uses: &Uses, step: usize) -> Option<(usize, Activation, BufferId, BufferId)> {
    let Op::Activate { activation, x, y } = plan.steps[step].op else { return None };
    let dense = uses.writer(x).filter(|dense| *dense < step)?;
    let is_linear = matches!(
        plan.steps[dense].op,
        Op::Dense { activation: Activation::Linear, .. } | Op::Conv { activation: Activation::Linear, .. }
    );
    (is_linear && uses.readers(x) == 1).then_some((dense, activation, x, y))
}
