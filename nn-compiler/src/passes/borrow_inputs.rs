//! Lets the forward pass read the caller's input where it lies, if nothing after it reads the input again.

use crate::plan::ops::Plan;
use crate::plan::{Fuse, Location, Offer, Offered, Uses};

/// Removes each copy of an input that only the forward pass reads.
///
/// A plan that is cut in two between its passes copies its input, since the caller's rows are not there in the second
/// part. (A tuple is taken apart anyway.)
pub fn borrow_inputs(mut plan: Plan) -> Plan {
    let uses = Uses::of(&plan);
    let mut removed = vec![false; plan.steps.len()];
    for (index, step) in plan.steps.iter().enumerate() {
        let copy = step.op.offer().filter(|offer| offer.what == Offered::Copy);
        if let Some(Offer { from, to, .. }) = copy
            && matches!(plan.buffer(from).location, Location::Input(_))
            && matches!(plan.buffer(to).location, Location::Slot(_))
            && uses.last(to.0, index) < plan.forward
        {
            plan.buffers[to.0.0].location = plan.buffer(from).location;
            removed[index] = true;
        }
    }
    plan.remove_steps(&removed);
    plan
}
