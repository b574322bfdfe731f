//! The tape: how the derivative of an operation adds to a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::operation::AnyOperation;
use super::program::{Origin, Program};
use super::roles::{Read, Write};
use super::tensor::Tensors;
use crate::ids::BufferId;

/// An operation of the forward pass, whose derivative is made of operations of the set `O`.
pub trait Differentiate<O> {
    /// Adds the operations that propagate the gradient from its outputs to its inputs.
    fn differentiate(&self, tape: &mut Tape<O>);
}

/// A plan to which gradients are added.
pub struct Tape<'a, O> {
    plan: &'a mut Program<O>,
    tensors: &'a Tensors,
    /// The gradient of each buffer, as far as it has been summed up.
    gradients: BTreeMap<BufferId, Read>,
    /// The buffers whose gradients are needed.
    wanted: BTreeSet<BufferId>,
    /// The origin of the operation whose derivative is being added.
    origin: Origin,
}

impl<'a, O: AnyOperation> Tape<'a, O> {
    /// For the gradients of the buffers that are `wanted`.
    pub fn new(plan: &'a mut Program<O>, tensors: &'a Tensors, wanted: BTreeSet<BufferId>) -> Self {
        Self { plan, tensors, gradients: BTreeMap::new(), wanted, origin: Origin::WholeLoss }
    }

    /// Continues with the steps of `origin`.
    pub fn set_origin(&mut self, origin: Origin) {
        self.origin = origin;
    }

    /// The gradient of an operation's output; `None` if no loss depends on it or it is not needed.
    pub fn gradient_of(&self, buffer: impl Into<BufferId>) -> Option<Read> {
        let buffer = buffer.into();
        if self.wants(buffer) { self.gradients.get(&buffer).copied() } else { None }
    }

    /// Whether a buffer's gradient is needed.
    pub fn wants(&self, buffer: impl Into<BufferId>) -> bool {
        self.wanted.contains(&buffer.into())
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, buffer: impl Into<BufferId>) -> usize {
        self.plan.width(buffer)
    }

    /// Adds a step, unless it only computes gradients of frozen parameters.
    pub fn push(&mut self, op: impl Into<O>) {
        let op = op.into();
        let roles = op.roles();
        let learns = roles.gradients.iter().any(|tensor| self.tensors.get(*tensor).learns());
        if learns || roles.gradients.is_empty() || !roles.writes.is_empty() {
            self.plan.push(self.origin, op);
        }
    }

    /// A new buffer for a part of the gradient of `x`.
    pub fn gradient_buffer(&mut self, x: impl Into<BufferId>) -> Write {
        let buffer = self.plan.buffer(x);
        let (name, extent) = (format!("d{}", buffer.name), buffer.extent);
        Write(self.plan.add_buffer(name, extent))
    }

    /// Adds `part` to the gradient of `x`.
    pub fn add(&mut self, x: impl Into<BufferId>, part: Read) {
        let x = x.into();
        if !self.wants(x) {
            return;
        }
        let sum = match self.gradients.get(&x).copied() {
            None => part,
            Some(before) => {
                let y = self.gradient_buffer(x);
                self.push(O::sum(before, part, y));
                y.read()
            }
        };
        self.gradients.insert(x, sum);
    }

    /// Propagates the gradient of `y` to `x` with one operation, if it is needed and exists.
    pub fn through<G: Into<O>>(&mut self, x: Read, y: Write, op: impl FnOnce(Read, Write) -> G) {
        let Some(dy) = self.gradient_of(y) else { return };
        if self.wants(x) {
            let dx = self.gradient_buffer(x);
            self.push(op(dy, dx));
            self.add(x, dx.read());
        }
    }
}
