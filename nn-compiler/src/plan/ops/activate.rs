//! An elementwise activation: y = f(x).
//!
//! Backward: dx = dy·f′. Where f′ follows from y = f(x), the backward pass keeps y, so that the activation
//! can be fused into the operation before it.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::{Fuse, Offer, Offered};
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Role, Roles, Write, fields};
use crate::plan::tape::{Differentiate, Tape};
use crate::vocabulary::Activation;

/// y = f(x)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Activate {
    pub activation: Activation,
    pub x: Read,
    pub y: Write,
}

/// dx = dy·f′; `saved` is y where f′ follows from it, else x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ActivateGradient {
    pub activation: Activation,
    pub saved: Read,
    pub dy: Read,
    pub dx: Write,
}

/// The derivative of an activation, fused into the operation that computes the gradient after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Derivative {
    /// The activation.
    pub activation: Activation,
    /// The buffer that f′ is computed from.
    pub saved: Read,
}

fields!(Activate { activation, x, y });
fields!(ActivateGradient { activation, saved, dy, dx });

impl<O> Fuse<O> for Activate {
    fn offer(&self) -> Option<Offer> {
        Some(Offer { what: Offered::Activation(self.activation), from: self.x, to: self.y })
    }

    fn take(&mut self, _offer: &Offer) -> bool {
        false
    }

    fn updates(&self) -> Vec<O> {
        Vec::new()
    }
}

impl<O> Fuse<O> for ActivateGradient {
    fn offer(&self) -> Option<Offer> {
        let what = Offered::Derivative(self.activation, self.saved);
        Some(Offer { what, from: self.dy, to: self.dx })
    }

    fn take(&mut self, _offer: &Offer) -> bool {
        false
    }

    fn updates(&self) -> Vec<O> {
        Vec::new()
    }
}

impl Role for Derivative {
    fn add_to(&self, roles: &mut Roles) {
        let Self { activation, saved } = self;
        activation.add_to(roles);
        saved.add_to(roles);
    }
}

impl Operation for Activate {
    fn formula(&self) -> String {
        format!("y = {}", self.activation.formula("x"))
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<ActivateGradient>> Differentiate<O> for Activate {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { activation, x, y } = *self;
        let saved = if activation.saves_output() { y.read() } else { x };
        tape.through(x, y, |dy, dx| ActivateGradient { activation, saved, dy, dx });
    }
}

impl Operation for ActivateGradient {
    fn formula(&self) -> String {
        format!("dx = dy · d{}/dx", self.activation.formula("x"))
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
