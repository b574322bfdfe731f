//! Places scratch buffers in slots by lifetime: two buffers share a slot where one is dead before the other is written.

use crate::plan::{BufferId, Extent, Place, Plan};

/// A slot under construction.
struct Slot {
    /// The last step that uses what lies in it.
    busy_until: usize,
    /// The extent of the largest buffer in it.
    extent: Extent,
}

/// Gives every scratch buffer that is used a slot. Each goes to the free slot whose size fits it best.
pub fn place_buffers(mut plan: Plan) -> Plan {
    let mut slots: Vec<Slot> = Vec::new();
    for step in 0..plan.steps.len() {
        let written = plan.steps[step].op.writes();
        for buffer in written {
            if plan.buffer(buffer).place != Place::Slot(None) {
                continue;
            }
            let busy_until = last_use(&plan, buffer, step);
            let extent = plan.buffer(buffer).extent;
            let slot = best_slot(&slots, extent, step);
            match slot {
                Some(slot) => {
                    slots[slot].busy_until = busy_until;
                    slots[slot].extent = larger(slots[slot].extent, extent);
                    plan.buffers[buffer.0].place = Place::Slot(Some(slot));
                }
                None => {
                    plan.buffers[buffer.0].place = Place::Slot(Some(slots.len()));
                    slots.push(Slot { busy_until, extent });
                }
            }
        }
    }
    plan
}

/// The last step that reads or writes a buffer, which `written` writes; the number of steps where the caller gets it.
pub fn last_use(plan: &Plan, buffer: BufferId, written: usize) -> usize {
    let returned = plan.input_gradients.contains(&Some(buffer));
    let uses = |step: &usize| plan.steps[*step].op.reads().contains(&buffer);
    if returned { plan.steps.len() } else { (written..plan.steps.len()).rev().find(uses).unwrap_or(written) }
}

/// The free slot of the same kind that has to grow least, or else wastes least.
fn best_slot(slots: &[Slot], extent: Extent, step: usize) -> Option<usize> {
    let (wanted, is_rows) = size(extent);
    let free = slots.iter().enumerate().filter(|(_, slot)| slot.busy_until < step && size(slot.extent).1 == is_rows);
    free.min_by_key(|(_, slot)| {
        let has = size(slot.extent).0;
        (wanted.saturating_sub(has), has.saturating_sub(wanted))
    })
    .map(|(index, _)| index)
}

fn size(extent: Extent) -> (usize, bool) {
    match extent {
        Extent::Rows(width) => (width, true),
        Extent::Fixed(length) => (length, false),
    }
}

fn larger(a: Extent, b: Extent) -> Extent {
    if size(a).0 >= size(b).0 { a } else { b }
}
