//! Which steps write and read each buffer of a plan, found in one walk over its steps.

use super::program::Program;
use super::roles::{Fields, Roles};
use crate::ids::BufferId;

/// The steps that use each buffer.
#[derive(Clone, Debug)]
pub struct Uses {
    of: Vec<Use>,
    steps: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Use {
    writer: Option<usize>,
    readers: usize,
    last_read: Option<usize>,
    is_returned: bool,
}

impl Uses {
    /// The uses in a plan.
    pub fn of<O: Fields>(plan: &Program<O>) -> Self {
        let mut of = vec![Use::default(); plan.buffers.len()];
        for (index, step) in plan.steps.iter().enumerate() {
            let Roles { mut reads, writes, .. } = step.op.roles();
            reads.sort_unstable();
            reads.dedup();
            for read in reads {
                of[read.0].readers += 1;
                of[read.0].last_read = Some(index);
            }
            writes.into_iter().for_each(|write| of[write.0].writer = Some(index));
        }
        plan.input_gradients.iter().flatten().for_each(|gradient| of[gradient.0].is_returned = true);
        Self { of, steps: plan.steps.len() }
    }

    /// The step that writes a buffer.
    pub fn writer(&self, buffer: BufferId) -> Option<usize> {
        self.of[buffer.0].writer
    }

    /// Makes another step the one that writes a buffer.
    pub fn set_writer(&mut self, buffer: BufferId, step: usize) {
        self.of[buffer.0].writer = Some(step);
    }

    /// How many steps read a buffer.
    pub fn readers(&self, buffer: BufferId) -> usize {
        self.of[buffer.0].readers
    }

    /// Whether the caller gets a buffer.
    pub fn is_returned(&self, buffer: BufferId) -> bool {
        self.of[buffer.0].is_returned
    }

    /// The last step that reads a buffer, `written` if none does; the number of steps if the caller gets it.
    pub fn last(&self, buffer: BufferId, written: usize) -> usize {
        let Use { last_read, is_returned, .. } = self.of[buffer.0];
        if is_returned { self.steps } else { last_read.filter(|read| *read >= written).unwrap_or(written) }
    }
}
