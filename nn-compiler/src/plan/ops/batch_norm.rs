//! Batch norm: y = γ·(x − μ)/√(σ² + ε) + β, feature by feature (Ioffe & Szegedy 2015).
//!
//! In training μ and σ² are those of the batch, else the running ones. Backward, with x̂ = (x − μ)/√(σ² + ε):
//! dβ = Σ dy, dγ = Σ dy·x̂, dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)); with the running ones,
//! dx = γ/√(σ² + ε)·dy.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Accumulate, Observe, Parameter, Read, Statistic, Write, fields};
use crate::plan::tape::{Differentiate, Tape};

/// y = γ·(x − μ)/√(σ² + ε) + β with the batch's μ and σ²; running ← (1−m)·running + m·batch
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct BatchNormTrain {
    pub x: Read,
    pub gamma: Parameter,
    pub beta: Parameter,
    pub running_mean: Observe,
    pub running_variance: Observe,
    pub momentum: f64,
    pub eps: f64,
    pub mean: Write,
    pub inverse_deviation: Write,
    pub y: Write,
}

/// y = γ·(x − μ)/√(σ² + ε) + β with the running μ and σ²
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct BatchNormEvaluate {
    pub x: Read,
    pub gamma: Parameter,
    pub beta: Parameter,
    pub running_mean: Statistic,
    pub running_variance: Statistic,
    pub eps: f64,
    pub y: Write,
}

/// dβ += Σ dy; dγ += Σ dy·x̂; dx = γ/σ·(dy − mean(dy) − x̂·mean(dy·x̂))
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct BatchNormGradient {
    pub x: Read,
    pub gamma: Parameter,
    pub dgamma: Accumulate,
    pub dbeta: Accumulate,
    pub mean: Read,
    pub inverse_deviation: Read,
    pub dy: Read,
    pub dx: Write,
}

/// dβ += Σ dy; dγ += Σ dy·x̂; dx = γ/σ·dy, with the running μ and σ
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct BatchNormEvaluateGradient {
    pub x: Read,
    pub gamma: Parameter,
    pub dgamma: Accumulate,
    pub dbeta: Accumulate,
    pub running_mean: Statistic,
    pub running_variance: Statistic,
    pub eps: f64,
    pub dy: Read,
    pub dx: Write,
}

fields!(BatchNormTrain { x, gamma, beta, running_mean, running_variance, momentum, eps, mean, inverse_deviation, y });
fields!(BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y });
fields!(BatchNormGradient { x, gamma, dgamma, dbeta, mean, inverse_deviation, dy, dx });
fields!(BatchNormEvaluateGradient { x, gamma, dgamma, dbeta, running_mean, running_variance, eps, dy, dx });
stays!(BatchNormTrain, BatchNormEvaluate, BatchNormGradient, BatchNormEvaluateGradient);

impl Operation for BatchNormTrain {
    fn formula(&self) -> String {
        "y = γ·(x − μ)/√(σ² + ε) + β over the batch; running ← (1−m)·running + m·batch".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<BatchNormGradient>> Differentiate<O> for BatchNormTrain {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, gamma, beta, mean, inverse_deviation, y, .. } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let dx = tape.gradient_buffer(x);
        tape.push(BatchNormGradient {
            x,
            gamma,
            dgamma: gamma.gradient(),
            dbeta: beta.gradient(),
            mean: mean.read(),
            inverse_deviation: inverse_deviation.read(),
            dy,
            dx,
        });
        tape.add(x, dx.read());
    }
}

impl Operation for BatchNormEvaluate {
    fn formula(&self) -> String {
        "y = γ·(x − μ)/√(σ² + ε) + β with the running μ and σ²".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<BatchNormEvaluateGradient>> Differentiate<O> for BatchNormEvaluate {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, gamma, beta, running_mean, running_variance, eps, y } = *self;
        let Some(dy) = tape.gradient_of(y) else { return };
        let dx = tape.gradient_buffer(x);
        let (dgamma, dbeta) = (gamma.gradient(), beta.gradient());
        tape.push(BatchNormEvaluateGradient { x, gamma, dgamma, dbeta, running_mean, running_variance, eps, dy, dx });
        tape.add(x, dx.read());
    }
}

impl Operation for BatchNormGradient {
    fn formula(&self) -> String {
        "dβ += Σ dy; dγ += Σ dy·u; dx = γ/σ·(dy − mean(dy) − u·mean(dy·u)), u = (x − μ)/σ".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for BatchNormEvaluateGradient {
    fn formula(&self) -> String {
        "dβ += Σ dy; dγ += Σ dy·u; dx = γ/σ·dy, u = (x − μ)/σ".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}
