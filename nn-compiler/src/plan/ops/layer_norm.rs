//! Layer norm: y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of the row (Ba et al. 2016).
//!
//! Backward, with x̂ = (x − μ)/√(σ² + ε) and g = γ·dy: dβ = Σ dy, dγ = Σ dy·x̂,
//! dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε).

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Parameter, Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of the row
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct LayerNorm {
    pub x: Read,
    pub gamma: Parameter,
    pub beta: Parameter,
    pub eps: f64,
    pub y: Write,
}

/// dβ += Σ dy; dγ += Σ dy·x̂; dx = (g − mean(g) − x̂·mean(g·x̂))/σ with g = γ·dy
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct LayerNormGradient {
    pub x: Read,
    pub gamma: Parameter,
    pub dgamma: Accumulate,
    pub dbeta: Accumulate,
    pub eps: f64,
    pub dy: Read,
    pub dx: Write,
}

fields!(LayerNorm { x, gamma, beta, eps, y });
fields!(LayerNormGradient { x, gamma, dgamma, dbeta, eps, dy, dx });
stays!(LayerNorm, LayerNormGradient);

impl Operation for LayerNorm {
    fn formula(&self) -> String {
        "y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of the row".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<LayerNormGradient>> Differentiate<O> for LayerNorm {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, gamma, beta, eps, y } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let dx = tape.gradient_buffer(x);
        tape.push(LayerNormGradient { x, gamma, dgamma: gamma.gradient(), dbeta: beta.gradient(), eps, dy, dx });
        tape.add(x, dx.read());
    }
}

impl Operation for LayerNormGradient {
    fn formula(&self) -> String {
        "dβ += Σ dy; dγ += Σ dy·u; dx = (g − mean(g) − u·mean(g·u))/σ, u = (x − μ)/σ, g = γ·dy".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
