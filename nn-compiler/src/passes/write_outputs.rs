//! Lets the operation that computes an output write to the caller's memory, instead of copying there.

use crate::ids::BufferId;
use crate::plan::ops::Plan;
use crate::plan::{Fuse, Location, Offered};

/// Removes each copy to an output whose source is scratch: the source becomes the output.
///
/// An output that is the same as an input or another output stays a copy.
pub fn write_outputs(mut plan: Plan) -> Plan {
    let mut written = vec![false; plan.steps.len()];
    for (step, written) in written.iter_mut().enumerate() {
        if let Some(offer) = plan.steps[step].op.offer()
            && offer.what == Offered::Copy
            && matches!(plan.buffer(offer.from).location, Location::Slot(_))
            && matches!(plan.buffer(offer.to).location, Location::Output(_))
        {
            become_output(&mut plan, offer.from.0, offer.to.0);
            *written = true;
        }
    }
    plan.remove_steps(&written);
    plan
}

fn become_output(plan: &mut Plan, x: BufferId, y: BufferId) {
    let output = plan.buffer(y).clone();
    plan.buffers[x.0] = output;
}
