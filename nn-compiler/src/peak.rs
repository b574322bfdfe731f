//! The peak of a plan: the step during which its buffers take most memory.

use crate::ids::BufferId;
use crate::plan::{ALIGNMENT, Location, Plan, SlotSize, Uses};

/// The step during which most memory is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// The step, an index into [`Plan::steps`]; the first, if several need as much.
    pub step: usize,
    /// The numbers in scratch that are written by this step and needed in it or later, each buffer padded to 64 bytes.
    pub numbers: usize,
}

/// The peak of a plan for this many rows; `None` if it has no scratch.
pub fn peak(plan: &Plan, rows: usize) -> Option<Peak> {
    let uses = Uses::of(plan);
    // The buffers first needed by each step, and those not needed after it.
    let (mut begun, mut ended) = (vec![0; plan.steps.len()], vec![0; plan.steps.len()]);
    for (first, step) in plan.steps.iter().enumerate() {
        for buffer in step.op.writes().into_iter().filter(|buffer| in_scratch(plan, *buffer)) {
            let numbers = SlotSize::default().max(plan.buffer(buffer).extent).len(rows).next_multiple_of(ALIGNMENT);
            begun[first] += numbers;
            ended[uses.last(buffer, first).min(plan.steps.len() - 1)] += numbers;
        }
    }
    let mut now = 0;
    let live: Vec<usize> = begun
        .iter()
        .zip(&ended)
        .map(|(begun, ended)| {
            let live = now + begun;
            now = live - ended;
            live
        })
        .collect();
    let most = *live.iter().max()?;
    let step = live.iter().position(|numbers| *numbers == most)?;
    (most > 0).then_some(Peak { step, numbers: most })
}

fn in_scratch(plan: &Plan, buffer: BufferId) -> bool {
    matches!(plan.buffer(buffer).location, Location::Slot(_))
}
