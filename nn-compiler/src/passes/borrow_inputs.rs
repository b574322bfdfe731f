//! Lets the forward pass read the caller's input where it lies, if nothing after it reads the input again.

use crate::plan::ops::{Op, Plan};
use crate::plan::{Location, Uses};

/// Removes each copy of an input that only the forward pass reads.
///
/// A plan that is cut in two between its passes copies its input, since the caller's rows are not there in the second
/// part. (A tuple is taken apart anyway.)
pub fn borrow_inputs(mut plan: Plan) -> Plan {
    let uses = Uses::of(&plan);
    let mut removed = vec![false; plan.steps.len()];
    for (index, step) in plan.steps.iter().enumerate() {
        let Op::Copy(copy) = &step.op else { continue };
        let input = plan.buffer(copy.x).location;
        if matches!(input, Location::Input(_))
            && matches!(plan.buffer(copy.y).location, Location::Slot(_))
            && uses.last(copy.y.0, index) < plan.forward
        {
            plan.buffers[copy.y.0.0].location = input;
            removed[index] = true;
        }
    }
    plan.remove_steps(&removed);
    plan
}
