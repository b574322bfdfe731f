//! Places scratch buffers in slots by lifetime: two buffers share a slot if one is dead before the other is written.
//!
//! A slot is as large as its largest buffer. One arena would pack tighter but needs overlapping
//! views; slots are disjoint slices, which the borrow checker accepts. `nn summary` shows both:
//! what the slots take, and the most that is live at once (`peak.rs`).

use std::collections::BTreeSet;

use crate::plan::{Extent, Location, Plan, Uses};

/// The slots under construction.
#[derive(Default)]
struct Slots {
    /// The extent of the largest buffer in each.
    extents: Vec<Extent>,
    /// Free slots, by size: of rows, and of fixed lengths.
    free: [BTreeSet<(usize, usize)>; 2],
}

/// Gives every scratch buffer that is used a slot. Each goes to the free slot whose size fits it best.
pub fn place_buffers(mut plan: Plan) -> Plan {
    let uses = Uses::of(&plan);
    let mut slots = Slots::default();
    // The slots that each step is the last to use.
    let mut last_used = vec![Vec::new(); plan.steps.len() + 1];
    for step in 0..plan.steps.len() {
        if let Some(before) = step.checked_sub(1) {
            last_used[before].iter().for_each(|slot| slots.release(*slot));
        }
        for buffer in plan.steps[step].op.writes() {
            if plan.buffer(buffer).location == Location::Slot(None) {
                let slot = slots.take(plan.buffer(buffer).extent);
                last_used[uses.last(buffer, step)].push(slot);
                plan.buffers[buffer.0].location = Location::Slot(Some(slot));
            }
        }
    }
    plan
}

impl Slots {
    fn release(&mut self, slot: usize) {
        let (length, kind) = size(self.extents[slot]);
        self.free[kind].insert((length, slot));
    }

    /// The free slot of the same kind that has to grow least, or else wastes least; the first of
    /// several. A new one if none is free.
    fn take(&mut self, extent: Extent) -> usize {
        let (wanted, kind) = size(extent);
        let free = &mut self.free[kind];
        let large = free.range((wanted, 0)..).next().copied();
        let best = large.or_else(|| {
            let (largest, _) = *free.last()?;
            free.range((largest, 0)..).next().copied()
        });
        let Some(best) = best else {
            self.extents.push(extent);
            return self.extents.len() - 1;
        };
        free.remove(&best);
        let (has, slot) = best;
        if has < wanted {
            self.extents[slot] = extent;
        }
        slot
    }
}

/// Its numbers, and whether they are for each row (0) or fixed (1).
fn size(extent: Extent) -> (usize, usize) {
    match extent {
        Extent::Rows(width) => (width, 0),
        Extent::Fixed(length) => (length, 1),
    }
}
