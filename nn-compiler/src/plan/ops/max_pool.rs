//! A max pool: y = the largest x in each window.
//!
//! Backward: dx = dy at the first largest input of a window, row by row; windows that overlap add up.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::{Fuse, Offer, Offered, stays};
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};
use crate::vocabulary::{Activation, Window};

/// y = the largest x in each window
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct MaxPool {
    pub x: Read,
    pub window: Window,
    pub y: Write,
}

/// dx = Σ dy over the windows whose first largest number is x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct MaxPoolGradient {
    pub x: Read,
    pub window: Window,
    /// An activation that x comes from, whose derivative is fused.
    pub derivative: Option<Activation>,
    pub dy: Read,
    pub dx: Write,
}

fields!(MaxPool { x, window, y });
fields!(MaxPoolGradient { x, window, derivative, dy, dx });
stays!(MaxPool);

impl<O> Fuse<O> for MaxPoolGradient {
    fn offer(&self) -> Option<Offer> {
        None
    }

    fn take(&mut self, offer: &Offer) -> bool {
        match offer.what {
            // The kernel applies the derivative once for each window, at its largest number. If windows overlap, several
            // of them add to one number, so the derivative stays a separate operation on the sums.
            Offered::Derivative(activation, saved)
                if self.derivative.is_none()
                    && saved == self.x
                    && activation.saves_output()
                    && !self.window.overlaps() =>
            {
                self.derivative = Some(activation);
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

impl Operation for MaxPool {
    fn formula(&self) -> String {
        "y = the largest x in each window".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<MaxPoolGradient>> Differentiate<O> for MaxPool {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, window, y } = *self;
        tape.through(x, y, |dy, dx| MaxPoolGradient { x, window, derivative: None, dy, dx });
    }
}

impl Operation for MaxPoolGradient {
    fn formula(&self) -> String {
        match self.derivative {
            None => "dx = Σ dy over the windows whose first largest number is x".to_owned(),
            Some(activation) => {
                let slope = activation.formula("x");
                format!("dx = Σ dy · d{slope}/dx over the windows whose first largest number is x")
            }
        }
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
