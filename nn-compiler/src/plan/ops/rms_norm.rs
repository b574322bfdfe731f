//! RMS norm: y = γ·x/√(mean(x²) + ε) over the channels of each position (Zhang & Sennrich 2019).
//!
//! Backward, with x̂ = x/√(mean(x²) + ε) and g = γ·dy: dγ = Σ dy·x̂, dx = (g − x̂·mean(g·x̂))/√(mean(x²) + ε).

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = γ·x/√(mean(x²) + ε) over the channels of each position
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct RmsNorm {
    pub x: Read,
    pub gamma: Parameter,
    pub eps: f64,
    pub y: Write,
}

/// dγ += Σ dy·x̂; dx = (g − x̂·mean(g·x̂))/√(mean(x²) + ε) with g = γ·dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct RmsNormGradient {
    pub x: Read,
    pub gamma: Parameter,
    pub dgamma: Accumulate,
    pub eps: f64,
    pub dy: Read,
    pub dx: Write,
}

fields!(RmsNorm { x, gamma, eps, y });
fields!(RmsNormGradient { x, gamma, dgamma, eps, dy, dx });
stays!(RmsNorm, RmsNormGradient);

impl Operation for RmsNorm {
    fn formula(&self) -> String {
        "y = γ·x/√(mean(x²) + ε) over the channels of each position".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<RmsNormGradient>> Differentiate<O> for RmsNorm {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, gamma, eps, y } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let dx = tape.gradient_buffer(x);
        tape.push(RmsNormGradient { x, gamma, dgamma: gamma.gradient(), eps, dy, dx });
        tape.add(x, dx.read());
    }
}

impl Operation for RmsNormGradient {
    fn formula(&self) -> String {
        "dγ += Σ dy·u; dx = (g − u·mean(g·u))/r, r = √(mean(x²) + ε), u = x/r, g = γ·dy".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
