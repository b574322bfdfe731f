//! Fuses an elementwise activation into the dense layer or the convolution before it, where nothing else reads the layer's output.

use crate::plan::ops::{Activate, Conv, Dense, Op, Plan};
use crate::plan::roles::{Read, Write};
use crate::plan::{Extent, Uses};
use crate::vocabulary::Activation;

/// `z = x·W + b; y = f(z)` becomes `y = f(x·W + b)`.
///
/// An activation whose derivative is computed from z keeps z in training, and is not fused there.
pub fn fuse_activation(mut plan: Plan) -> Plan {
    let mut uses = Uses::of(&plan);
    let mut fused = vec![false; plan.steps.len()];
    for (step, fused) in fused.iter_mut().enumerate() {
        let Some((dense, f, z, output)) = fusible(&plan, &uses, step) else { continue };
        if let Op::Dense(Dense { activation, y, .. }) | Op::Conv(Conv { activation, y, .. }) = &mut plan.steps[dense].op
        {
            *activation = f;
            *y = output;
        }
        uses.set_writer(output.0, dense);
        plan.buffers[z.0.0].extent = Extent::Fixed(0);
        *fused = true;
    }
    plan.remove_steps(&fused);
    plan
}

/// The step with weights before an activation step that is the only reader of its output.
fn fusible(plan: &Plan, uses: &Uses, step: usize) -> Option<(usize, Activation, Read, Write)> {
    let Op::Activate(Activate { activation, x, y }) = plan.steps[step].op else { return None };
    let dense = uses.writer(x.0).filter(|dense| *dense < step)?;
    let is_linear = matches!(
        plan.steps[dense].op,
        Op::Dense(Dense { activation: Activation::Linear, .. }) | Op::Conv(Conv { activation: Activation::Linear, .. })
    );
    (is_linear && uses.readers(x.0) == 1).then_some((dense, activation, x, y))
}
