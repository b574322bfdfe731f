//! The builder: how the lowering of a layer adds to a plan.

use super::buffer::Extent;
use super::ops::{Op, Plan};
use super::program::{Mode, Origin};
use super::roles::{Parameter, Read, Write};
use crate::ids::{TensorId, ValueId};
use crate::shape::Shape;

/// A plan to which the operations of one layer are added.
pub struct Lowering<'a> {
    /// The plan.
    pub plan: &'a mut Plan,
    /// The layer.
    pub value: ValueId,
    /// Its name, as the names of its buffers begin.
    pub name: &'a str,
    /// Its mode; a frozen layer does the same in training as at inference.
    pub mode: Mode,
    /// The shape of its only input.
    pub input: &'a Shape,
    /// Its tensors, in the order of its `parameters`.
    pub tensors: &'a [TensorId],
    /// How many layers before it draw at random.
    pub sites: &'a mut usize,
}

impl Lowering<'_> {
    /// The numbers that a buffer holds for each row.
    pub fn width(&self, buffer: Read) -> usize {
        self.plan.width(buffer)
    }

    /// All tensors of the layer, in the order of its `parameters`.
    ///
    /// # Panics
    ///
    /// If there are not `N` of them.
    pub fn tensors<const N: usize>(&self) -> [TensorId; N] {
        self.tensors.try_into().expect("a layer takes as many tensors as its `parameters` has")
    }

    /// The weight of the layer, and the bias if it has one.
    pub fn weight_and_bias(&self) -> (Parameter, Option<Parameter>) {
        match self.tensors {
            [weight] => (Parameter(*weight), None),
            [weight, bias] => (Parameter(*weight), Some(Parameter(*bias))),
            tensors => unreachable!("a weight and perhaps a bias, not {} tensors", tensors.len()),
        }
    }

    /// A new buffer.
    pub fn buffer(&mut self, part: &str, extent: Extent) -> Write {
        Write(self.plan.add_buffer(format!("{}.{part}", self.name), extent))
    }

    /// A new buffer of the same extent as another.
    pub fn like(&mut self, part: &str, buffer: Read) -> Write {
        self.buffer(part, self.plan.buffer(buffer).extent)
    }

    /// A number for the random draws of the layer.
    pub fn next_site(&mut self) -> usize {
        *self.sites += 1;
        *self.sites - 1
    }

    /// Adds an operation.
    pub fn push(&mut self, op: impl Into<Op>) {
        self.plan.push(Origin::Value(self.value), op);
    }
}
