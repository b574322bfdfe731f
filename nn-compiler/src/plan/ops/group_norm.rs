//! Group norm: y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of a group of channels (Wu & He 2018).
//!
//! Backward, with x̂ = (x − μ)/√(σ² + ε) and g = γ·dy: dβ = Σ dy, dγ = Σ dy·x̂,
//! dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε) with the means of the group.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of a group of channels
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct GroupNorm {
    pub x: Read,
    pub groups: usize,
    pub gamma: Parameter,
    pub beta: Parameter,
    pub eps: f64,
    pub y: Write,
}

/// dβ += Σ dy; dγ += Σ dy·x̂; dx = (g − mean(g) − x̂·mean(g·x̂))/σ with g = γ·dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct GroupNormGradient {
    pub x: Read,
    pub groups: usize,
    pub gamma: Parameter,
    pub dgamma: Accumulate,
    pub dbeta: Accumulate,
    pub eps: f64,
    pub dy: Read,
    pub dx: Write,
}

fields!(GroupNorm { x, groups, gamma, beta, eps, y });
fields!(GroupNormGradient { x, groups, gamma, dgamma, dbeta, eps, dy, dx });
stays!(GroupNorm, GroupNormGradient);

impl Operation for GroupNorm {
    fn formula(&self) -> String {
        format!("y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of each of {} groups", self.groups)
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<GroupNormGradient>> Differentiate<O> for GroupNorm {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, groups, gamma, beta, eps, y } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let (dgamma, dbeta, dx) = (gamma.gradient(), beta.gradient(), tape.gradient_buffer(x));
        tape.push(GroupNormGradient { x, groups, gamma, dgamma, dbeta, eps, dy, dx });
        tape.add(x, dx.read());
    }
}

impl Operation for GroupNormGradient {
    fn formula(&self) -> String {
        "dβ += Σ dy; dγ += Σ dy·u; dx = (g − mean(g) − u·mean(g·u))/σ, u = (x − μ)/σ, g = γ·dy".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
