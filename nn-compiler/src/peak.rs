//! The peak of a plan: the step during which its buffers take most memory.

use crate::passes::last_use;
use crate::plan::{ALIGNMENT, BufferId, Place, Plan, SlotSize};

/// The step during which most is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// The step, an index into [`Plan::steps`]; the first, where several need as much.
    pub step: usize,
    /// The numbers in scratch that are written by then and needed then or later, each buffer padded to 64 bytes.
    pub numbers: usize,
}

/// The peak of a plan for this many rows; `None` where it has no scratch.
pub fn peak(plan: &Plan, rows: usize) -> Option<Peak> {
    let mut live = vec![0; plan.steps.len()];
    for (first, step) in plan.steps.iter().enumerate() {
        for buffer in step.op.writes().into_iter().filter(|buffer| in_scratch(plan, *buffer)) {
            let numbers = SlotSize::default().max(plan.buffer(buffer).extent).len(rows).next_multiple_of(ALIGNMENT);
            let last = last_use(plan, buffer, first).min(plan.steps.len() - 1);
            live[first..=last].iter_mut().for_each(|live| *live += numbers);
        }
    }
    let most = *live.iter().max()?;
    let step = live.iter().position(|numbers| *numbers == most)?;
    (most > 0).then_some(Peak { step, numbers: most })
}

fn in_scratch(plan: &Plan, buffer: BufferId) -> bool {
    matches!(plan.buffer(buffer).place, Place::Slot(_))
}
