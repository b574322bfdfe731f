//! Fuses an activation into the operation before it, and its derivative into the operation that computes the gradient
//! after it, if nothing else reads the buffer between them.

use crate::plan::ops::Plan;
use crate::plan::{Extent, Fuse, Offer, Offered, Uses};

/// `z = x·W + b; y = f(z)` becomes `y = f(x·W + b)`, and `dy = dz·Wᵀ; dx = dy·f′` becomes `dx = dz·Wᵀ·f′`.
///
/// An activation whose derivative is computed from z keeps z in training, and is not fused there.
pub fn fuse_activation(mut plan: Plan) -> Plan {
    let mut uses = Uses::of(&plan);
    let mut fused = vec![false; plan.steps.len()];
    for (step, fused) in fused.iter_mut().enumerate() {
        let Some((source, offer)) = fusible(&plan, &uses, step) else { continue };
        if plan.steps[source].op.take(&offer) {
            uses.set_writer(offer.to.0, source);
            plan.buffers[offer.from.0.0].extent = Extent::Fixed(0);
            *fused = true;
        }
    }
    plan.remove_steps(&fused);
    plan
}

/// The step before an activation or a derivative that is the only reader of what it writes.
fn fusible(plan: &Plan, uses: &Uses, step: usize) -> Option<(usize, Offer)> {
    let offer = plan.steps[step].op.offer()?;
    match offer.what {
        Offered::Activation(_) | Offered::Derivative(..) => {
            let source = uses.writer(offer.from.0).filter(|source| *source < step)?;
            let is_alone = uses.readers(offer.from.0) == 1 && !uses.is_returned(offer.from.0);
            is_alone.then_some((source, offer))
        }
        Offered::Copy => None,
    }
}
