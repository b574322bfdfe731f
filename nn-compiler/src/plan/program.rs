//! A plan: a straight list of operations on numbered buffers.
//!
//! Every buffer is written by one operation (static single assignment); what is accumulated is the
//! gradient of a tensor. A buffer holds `rows × width` numbers, or a fixed number of them.

use super::buffer::{Buffer, Extent, Location, SlotSize, width};
use super::operation::{Operation, Work};
use super::tensor::ALIGNMENT;
use crate::ids::{BufferId, ValueId};

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

/// A straight list of operations of the type `O`.
#[derive(Clone, Debug, PartialEq)]
pub struct Program<O> {
    /// What it computes.
    pub mode: Mode,
    /// Every buffer.
    pub buffers: Vec<Buffer>,
    /// The operations, in order.
    pub steps: Vec<Step<O>>,
    /// How many of `steps` are the forward pass; losses, metrics and gradients follow.
    pub forward: usize,
    /// The gradient buffer of each input, if it was requested.
    pub input_gradients: Vec<Option<BufferId>>,
    /// The weights of the classes, for each loss that has them.
    pub class_weights: Vec<Vec<f64>>,
    /// How its kernels are entered.
    pub dispatch: Dispatch,
}

/// Where the code for the processor's instruction set is selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// At each kernel.
    #[default]
    Kernels,
    /// Once, for all kernels in one body.
    Whole,
}

/// One operation and its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<O> {
    /// What it belongs to.
    pub origin: Origin,
    /// What is done.
    pub op: O,
    /// Whether threads share it, if there are several.
    pub shared: bool,
}

/// What a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An input, a layer or a merge.
    Value(ValueId),
    /// An output, on its way to the caller.
    Output(ValueId),
    /// A target, by its number.
    Target(usize),
    /// A term of the loss, by its number.
    Loss(usize),
    /// A metric, by its number.
    Metric(usize),
    /// The sum of all terms of the loss.
    WholeLoss,
    /// A layer that no loss reaches.
    Unreached(ValueId),
}

impl Origin {
    /// The value that it belongs to, if that is one.
    pub fn value(self) -> Option<ValueId> {
        match self {
            Self::Value(id) | Self::Output(id) | Self::Unreached(id) => Some(id),
            Self::Target(_) | Self::Loss(_) | Self::Metric(_) | Self::WholeLoss => None,
        }
    }

    /// Whether it is a part of the losses and metrics, neither of the forward nor of the backward pass.
    pub fn measures(self) -> bool {
        match self {
            Self::Target(_) | Self::Loss(_) | Self::Metric(_) => true,
            Self::Value(_) | Self::Output(_) | Self::WholeLoss | Self::Unreached(_) => false,
        }
    }
}

impl<O> Program<O> {
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
    pub fn buffer(&self, id: impl Into<BufferId>) -> &Buffer {
        &self.buffers[id.into().0]
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, id: impl Into<BufferId>) -> usize {
        width(&self.buffers, id)
    }

    /// Adds a scratch buffer.
    pub fn add_buffer(&mut self, name: impl Into<String>, extent: Extent) -> BufferId {
        self.add_buffer_at(name, extent, Location::Slot(None))
    }

    /// Adds a buffer at a location.
    pub fn add_buffer_at(&mut self, name: impl Into<String>, extent: Extent, location: Location) -> BufferId {
        self.buffers.push(Buffer { name: name.into(), extent, location });
        BufferId(self.buffers.len() - 1)
    }

    /// Adds a step.
    pub fn push(&mut self, origin: Origin, op: impl Into<O>) {
        self.steps.push(Step { origin, op: op.into(), shared: false });
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
            if let Location::Slot(Some(slot)) = buffer.location {
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

    /// Whether there are steps that threads share.
    pub fn shares_work(&self) -> bool {
        self.steps.iter().any(|step| step.shared)
    }
}

impl<O: Operation> Program<O> {
    /// The multiply-adds of an operation for one row; if it is not a product, the numbers that it writes.
    pub fn multiply_adds(&self, op: &O) -> usize {
        match op.work(&self.buffers) {
            Work::Products(products) => products,
            Work::Elements => op.roles().writes.into_iter().map(|write| self.width(write)).sum(),
        }
    }
}
