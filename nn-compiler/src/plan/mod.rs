//! The plan: a straight list of operations on numbered buffers.
//!
//! Every buffer is written by one operation (static single assignment); what is accumulated is the
//! gradient of a tensor. A buffer holds `rows × width` numbers, or a fixed number of them.

mod op;
mod tensor;
mod uses;

use std::fmt;

#[cfg(test)]
pub(crate) use op::work;
pub use op::{Expected, Op};
pub use tensor::{ALIGNMENT, Tensor, TensorId, TensorKind, Tensors};
pub use uses::Uses;

/// A buffer: an index into [`Plan::buffers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub usize);

/// What a plan computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Outputs from inputs, as `predict` does.
    Inference,
    /// Loss and metrics, layers as at inference.
    Evaluation,
    /// Loss, metrics and gradients, layers as in training.
    Training,
    /// Loss and gradients, layers as at inference (batch norm by its running statistics, no dropout).
    FrozenTraining,
    /// Mean and deviation for `normalize` layers.
    Normalization,
}

/// A straight list of operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it computes.
    pub mode: Mode,
    /// Every buffer.
    pub buffers: Vec<Buffer>,
    /// The operations, in order.
    pub steps: Vec<Step>,
    /// How many of `steps` are the forward pass; losses, metrics and gradients follow.
    pub forward: usize,
    /// The gradient buffer of each input, where it was asked for.
    pub input_gradients: Vec<Option<BufferId>>,
    /// The weights of the classes, for each loss that has some.
    pub class_weights: Vec<Vec<f64>>,
    /// How its kernels are entered.
    pub dispatch: Dispatch,
}

/// Where the code for the processor's instruction set is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// At each kernel.
    #[default]
    Kernels,
    /// Once, for all kernels in one body.
    Whole,
}

/// A buffer of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// The value it holds, `d` before it for a gradient; for people to read.
    pub name: String,
    /// How many numbers it holds.
    pub extent: Extent,
    /// Where it lives.
    pub place: Place,
}

/// How many numbers a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This many for each row of the batch.
    Rows(usize),
    /// This many.
    Fixed(usize),
}

/// Where a buffer lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's input of this number; only read.
    Input(usize),
    /// The caller's output of this number; written once, then read.
    Output(usize),
    /// Scratch memory; the slot is set by the pass `place_buffers`.
    Slot(Option<usize>),
}

/// One operation and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The layer, loss or metric it belongs to: `digit.0 dense`.
    pub label: String,
    /// What is done.
    pub op: Op,
    /// Whether threads share it, where there are several.
    pub shared: bool,
}

impl Plan {
    /// An empty plan.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            buffers: Vec::new(),
            steps: Vec::new(),
            forward: 0,
            input_gradients: Vec::new(),
            class_weights: Vec::new(),
            dispatch: Dispatch::default(),
        }
    }

    /// A buffer by its id.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0]
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, id: BufferId) -> usize {
        match self.buffer(id).extent {
            Extent::Rows(width) | Extent::Fixed(width) => width,
        }
    }

    /// Adds a scratch buffer.
    pub fn add_buffer(&mut self, name: impl Into<String>, extent: Extent) -> BufferId {
        self.add_buffer_at(name, extent, Place::Slot(None))
    }

    /// Adds a buffer at a place.
    pub fn add_buffer_at(&mut self, name: impl Into<String>, extent: Extent, place: Place) -> BufferId {
        self.buffers.push(Buffer { name: name.into(), extent, place });
        BufferId(self.buffers.len() - 1)
    }

    /// Adds a step.
    pub fn push(&mut self, label: impl Into<String>, op: Op) {
        self.steps.push(Step { label: label.into(), op, shared: false });
    }

    /// Removes the steps that are marked.
    pub fn remove_steps(&mut self, removed: &[bool]) {
        self.forward -= removed[..self.forward].iter().filter(|removed| **removed).count();
        let mut removed = removed.iter();
        self.steps.retain(|_| removed.next() != Some(&true));
    }

    /// How many slots `place_buffers` made, and the size of each.
    pub fn slots(&self) -> Vec<SlotSize> {
        let mut slots = Vec::new();
        for buffer in &self.buffers {
            if let Place::Slot(Some(slot)) = buffer.place {
                if slots.len() <= slot {
                    slots.resize(slot + 1, SlotSize::default());
                }
                slots[slot] = slots[slot].max(buffer.extent);
            }
        }
        slots
    }

    /// How many numbers the slots take for this many rows, each slot padded to 64 bytes.
    pub fn scratch(&self, rows: usize) -> usize {
        self.slots().iter().map(|slot| slot.len(rows).next_multiple_of(ALIGNMENT)).sum()
    }
}

/// The size of a slot: the larger of `per_row · rows` and `fixed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotSize {
    /// Numbers for each row.
    pub per_row: usize,
    /// Numbers in any case.
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

impl Plan {
    /// Whether there are steps that threads share.
    pub fn shares_work(&self) -> bool {
        self.steps.iter().any(|step| step.shared)
    }

    /// The multiply-adds of an operation for one row; where it is no product, the numbers that it writes.
    pub fn multiply_adds(&self, op: &Op) -> usize {
        let product = |a, b| self.width(a) * self.width(b);
        match op {
            Op::Dense { x, y, .. } => product(*x, *y),
            Op::DenseInputGradient { dy, dx, .. } => product(*dy, *dx),
            Op::DenseGradient { x, dy, .. } | Op::DenseWeightUpdate { x, dy, .. } => product(*x, *dy),
            Op::Conv { window, groups, y, .. } => self.width(*y) * window.products(*groups),
            Op::ConvWeightGradient { window, groups, dy, .. } | Op::ConvInputGradient { window, groups, dy, .. } => {
                self.width(*dy) * window.products(*groups)
            }
            op => op.writes().into_iter().map(|write| self.width(write)).sum(),
        }
    }
}

impl fmt::Display for BufferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%{}", self.0)
    }
}
