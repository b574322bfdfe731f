//! A fully connected layer: y = f(x·W + b).
//!
//! Backward: dW = xᵀ·dy, db = Σ dy, dx = dy·Wᵀ.

use super::activate::Derivative;
use crate::plan::buffer::{Buffer, width};
use crate::plan::fuse::{Fuse, Offer, Offered, stays};
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Update, Write, fields};
use crate::plan::tape::{Differentiate, Tape};
use crate::vocabulary::Activation;

/// y = f(x·W + b)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Dense {
    pub x: Read,
    pub weight: Parameter,
    pub bias: Option<Parameter>,
    pub activation: Activation,
    pub y: Write,
}

/// dW += xᵀ·dy, db += Σ dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct DenseGradient {
    pub x: Read,
    pub dy: Read,
    pub weight: Accumulate,
    pub bias: Option<Accumulate>,
}

/// dx = dy·Wᵀ, times the derivative of an activation from the buffer it saved
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct DenseInputGradient {
    pub dy: Read,
    pub weight: Parameter,
    pub derivative: Option<Derivative>,
    pub dx: Write,
}

/// W ← a step of the optimizer with the gradient xᵀ·dy, penalties included
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct DenseWeightUpdate {
    pub x: Read,
    pub dy: Read,
    pub weight: Update,
}

/// b ← a step of the optimizer with the gradient Σ dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct DenseBiasUpdate {
    pub dy: Read,
    pub bias: Update,
}

fields!(Dense { x, weight, bias, activation, y });
fields!(DenseGradient { x, dy, weight, bias });
fields!(DenseInputGradient { dy, weight, derivative, dx });
fields!(DenseWeightUpdate { x, dy, weight });
fields!(DenseBiasUpdate { dy, bias });
stays!(DenseWeightUpdate, DenseBiasUpdate);

impl<O> Fuse<O> for Dense {
    fn offer(&self) -> Option<Offer> {
        None
    }

    fn take(&mut self, offer: &Offer) -> bool {
        match offer.what {
            Offered::Activation(activation) if self.activation == Activation::Linear => {
                self.activation = activation;
                self.y = offer.to;
                true
            }
            Offered::Activation(_) | Offered::Copy | Offered::Derivative(..) => false,
        }
    }

    fn updates(&self) -> Vec<O> {
        Vec::new()
    }
}

impl<O: From<DenseWeightUpdate> + From<DenseBiasUpdate>> Fuse<O> for DenseGradient {
    fn offer(&self) -> Option<Offer> {
        None
    }

    fn take(&mut self, _offer: &Offer) -> bool {
        false
    }

    fn updates(&self) -> Vec<O> {
        let Self { x, dy, weight, bias } = *self;
        let weight = DenseWeightUpdate { x, dy, weight: weight.update() }.into();
        let bias = bias.map(|bias| DenseBiasUpdate { dy, bias: bias.update() }.into());
        std::iter::once(weight).chain(bias).collect()
    }
}

impl<O> Fuse<O> for DenseInputGradient {
    fn offer(&self) -> Option<Offer> {
        None
    }

    fn take(&mut self, offer: &Offer) -> bool {
        match offer.what {
            Offered::Derivative(activation, saved) if self.derivative.is_none() => {
                self.derivative = Some(Derivative { activation, saved });
                self.dx = offer.to;
                true
            }
            Offered::Derivative(..) | Offered::Activation(_) | Offered::Copy => false,
        }
    }

    fn updates(&self) -> Vec<O> {
        Vec::new()
    }
}

impl Operation for Dense {
    fn formula(&self) -> String {
        let product = if self.bias.is_some() { "x·W + b" } else { "x·W" };
        format!("y = {}", self.activation.formula(product))
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.x) * width(buffers, self.y))
    }
}

impl<O: AnyOperation + From<DenseGradient> + From<DenseInputGradient>> Differentiate<O> for Dense {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, weight, bias, y, .. } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        tape.push(DenseGradient { x, dy, weight: weight.gradient(), bias: bias.map(Parameter::gradient) });
        tape.through(x, y, |dy, dx| DenseInputGradient { dy, weight, derivative: None, dx });
    }
}

impl Operation for DenseGradient {
    fn formula(&self) -> String {
        match self.bias {
            None => "dW += xᵀ·dy".to_owned(),
            Some(_) => "dW += xᵀ·dy; db += Σ dy".to_owned(),
        }
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.x) * width(buffers, self.dy))
    }
}

impl Operation for DenseInputGradient {
    fn formula(&self) -> String {
        match &self.derivative {
            None => "dx = dy·Wᵀ".to_owned(),
            Some(Derivative { activation, .. }) => format!("dx = dy·Wᵀ · d{}/dx", activation.formula("x")),
        }
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.dy) * width(buffers, self.dx))
    }
}

impl Operation for DenseWeightUpdate {
    fn formula(&self) -> String {
        "dW = xᵀ·dy + the gradient of the penalties; W ← a step of the optimizer, tile by tile".to_owned()
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.x) * width(buffers, self.dy))
    }
}

impl Operation for DenseBiasUpdate {
    fn formula(&self) -> String {
        "db = Σ dy; b ← a step of the optimizer".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
