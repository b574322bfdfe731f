//! Drops operations whose results are not read.

use std::collections::BTreeSet;

use crate::ids::BufferId;
use crate::plan::roles::Roles;
use crate::plan::{Fields, Location, Plan};

/// Keeps steps that have an effect, write an output, or are read by a kept step.
pub fn drop_unused(mut plan: Plan) -> Plan {
    let mut read: BTreeSet<BufferId> = plan.input_gradients.iter().flatten().copied().collect();
    let mut kept = Vec::with_capacity(plan.steps.len());
    for (index, step) in plan.steps.drain(..).enumerate().rev() {
        let Roles { reads, writes, has_effect, .. } = step.op.roles();
        let is_output = |buffer: &BufferId| matches!(plan.buffers[buffer.0].location, Location::Output(_));
        if has_effect || writes.iter().any(|write| read.contains(write) || is_output(write)) {
            read.extend(reads);
            kept.push(step);
        } else if index < plan.forward {
            plan.forward -= 1;
        }
    }
    kept.reverse();
    plan.steps = kept;
    plan
}
