//! A convolution: y = f(W∗x + b), the cross-correlation with windows of weights.
//!
//! Backward: dW = Σ dy·x over the positions of the window, db = Σ dy, dx = Σ dy·W over the windows that contain x.

use super::activate::Derivative;
use crate::plan::buffer::{Buffer, width};
use crate::plan::fuse::{Fuse, Offer, Offered, stays};
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};
use crate::vocabulary::{Activation, Window};

/// y = f(W∗x + b)
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct Conv {
    pub window: Window,
    pub groups: usize,
    pub x: Read,
    pub weight: Parameter,
    pub bias: Option<Parameter>,
    pub activation: Activation,
    pub y: Write,
}

/// dW += Σ dy·x over the positions of the window
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ConvWeightGradient {
    pub window: Window,
    pub groups: usize,
    pub x: Read,
    pub dy: Read,
    pub weight: Accumulate,
}

/// db += Σ dy over the positions
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ConvBiasGradient {
    pub dy: Read,
    pub bias: Accumulate,
}

/// dx = Σ dy·W over the windows that contain x, times the derivative of an activation from the buffer it saved
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct ConvInputGradient {
    pub window: Window,
    pub groups: usize,
    pub dy: Read,
    pub weight: Parameter,
    pub derivative: Option<Derivative>,
    pub dx: Write,
}

fields!(Conv { window, groups, x, weight, bias, activation, y });
fields!(ConvWeightGradient { window, groups, x, dy, weight });
fields!(ConvBiasGradient { dy, bias });
fields!(ConvInputGradient { window, groups, dy, weight, derivative, dx });
stays!(ConvWeightGradient, ConvBiasGradient);

impl<O> Fuse<O> for Conv {
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

impl<O> Fuse<O> for ConvInputGradient {
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

impl Operation for Conv {
    fn formula(&self) -> String {
        let sum = if self.bias.is_some() { "W∗x + b" } else { "W∗x" };
        format!("y = {}", self.activation.formula(sum))
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.y) * self.window.products(self.groups))
    }
}

impl<O: AnyOperation + From<ConvWeightGradient> + From<ConvBiasGradient> + From<ConvInputGradient>> Differentiate<O>
    for Conv
{
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { window, groups, x, weight, bias, y, .. } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        tape.push(ConvWeightGradient { window, groups, x, dy, weight: weight.gradient() });
        if let Some(bias) = bias {
            tape.push(ConvBiasGradient { dy, bias: bias.gradient() });
        }
        tape.through(x, y, |dy, dx| ConvInputGradient { window, groups, dy, weight, derivative: None, dx });
    }
}

impl Operation for ConvWeightGradient {
    fn formula(&self) -> String {
        "dW += Σ dy·x over the positions of the window".to_owned()
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.dy) * self.window.products(self.groups))
    }
}

impl Operation for ConvBiasGradient {
    fn formula(&self) -> String {
        "db += Σ dy over the positions".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for ConvInputGradient {
    fn formula(&self) -> String {
        let sum = "dx = Σ dy·W over the windows that contain x";
        match &self.derivative {
            None => sum.to_owned(),
            Some(Derivative { activation, .. }) => format!("{sum}, · d{}/dx", activation.formula("x")),
        }
    }

    fn work(&self, buffers: &[Buffer]) -> Work {
        Work::Products(width(buffers, self.dy) * self.window.products(self.groups))
    }
}
