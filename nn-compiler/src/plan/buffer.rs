//! The buffers of a plan: how many numbers each holds, and where it is.

use crate::ids::BufferId;

/// A buffer of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// The value it holds, `d` before it for a gradient; for people to read.
    pub name: String,
    /// How many numbers it holds.
    pub extent: Extent,
    /// Where it is.
    pub location: Location,
}

/// How many numbers a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This many for each row of the batch.
    Rows(usize),
    /// This many.
    Fixed(usize),
}

/// Where a buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// The caller's input of this number; only read.
    Input(usize),
    /// The caller's output of this number; written once, then read.
    Output(usize),
    /// The caller's gradient of the output of this number; only read.
    OutputGradient(usize),
    /// Scratch memory; the slot is set by the pass `place_buffers`.
    Slot(Option<usize>),
}

impl Extent {
    /// The numbers for each row, or in all.
    pub fn width(self) -> usize {
        match self {
            Self::Rows(width) | Self::Fixed(width) => width,
        }
    }
}

/// The numbers that a buffer of a plan holds for each row, or in all.
pub fn width(buffers: &[Buffer], id: impl Into<BufferId>) -> usize {
    buffers[id.into().0].extent.width()
}

/// The size of a slot: the larger of `per_row · rows` and `fixed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotSize {
    /// Numbers for each row.
    pub per_row: usize,
    /// Fixed numbers.
    pub fixed: usize,
}

impl SlotSize {
    /// Large enough for one more buffer.
    pub fn max(self, extent: Extent) -> Self {
        match extent {
            Extent::Rows(width) => Self { per_row: self.per_row.max(width), ..self },
            Extent::Fixed(length) => Self { fixed: self.fixed.max(length), ..self },
        }
    }

    /// How many numbers it holds for this many rows.
    pub fn len(self, rows: usize) -> usize {
        (self.per_row * rows).max(self.fixed)
    }

    /// Whether it holds nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}
