//! `batch_norm`: y = γ·(x − μ)/√(σ² + ε) + β, feature by feature (Ioffe & Szegedy 2015).
//!
//! | value      | shape        |
//! | ---------- | ------------ |
//! | x, y       | `[features]`, `[channels, length]`, `[channels, height, width]` |
//! | γ, β       | `[features]`, `[channels]` |
//! | running μ, σ² | `[features]`, `[channels]` |
//!
//! The features of an image or a sequence are its channels: mean and variance are those of all positions of all rows.
//! Training: μ and the biased σ² of the batch; running ← (1−m)·running + m·batch, with the unbiased σ².
//! Inference: the running ones. Backward: with x̂ = (x − μ)/√(σ² + ε), dβ = Σ dy, dγ = Σ dy·x̂,
//! dx = γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)).

use super::rule::{ParameterSpec, Rule};
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::plan::{BufferId, Extent, Mode, Op};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Normalises each feature over the batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchNorm {
    /// The weight of the newest batch in the running statistics.
    pub momentum: f64,
    /// ε, under the square root.
    pub eps: f64,
}

/// `batch_norm(momentum: 0.1, eps: 1e-5)`
pub const SIGNATURE: Signature<BatchNorm> = Signature {
    name: "batch_norm",
    kind: LayerKind::Norm,
    arguments: &[
        ArgumentSpec::number("momentum", 0.0, 1.0, "the weight of the newest batch in the running statistics")
            .default_number(0.1),
        ArgumentSpec::positive("eps", "added to the variance, under the square root").default_number(1e-5),
    ],
    make: |bound| BatchNorm { momentum: bound.number("momentum"), eps: bound.number("eps") },
    doc: "normalizes each feature over the batch, then scales and shifts it",
};

impl Rule for BatchNorm {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        LayerKind::Norm
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("momentum", self.momentum.to_string()), ("eps", format!("{:e}", self.eps))]
    }

    fn identity(&self) -> Option<String> {
        Some(format!("batch_norm(eps:{:e})", self.eps))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(input.clone())
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        let tensor = |name, trainable, start| ParameterSpec {
            name,
            shape: vec![input.features()],
            trainable,
            init: Init::Constant(start),
            l1: 0.0,
            l2: 0.0,
        };
        vec![
            tensor("gamma", true, 1.0),
            tensor("beta", true, 0.0),
            tensor("running_mean", false, 0.0),
            tensor("running_variance", false, 1.0),
        ]
    }

    fn flops(&self, input: &Shape) -> u64 {
        4 * input.len() as u64
    }

    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId {
        let (gamma, beta) = (lowering.tensor("gamma"), lowering.tensor("beta"));
        let (running_mean, running_variance) = (lowering.tensor("running_mean"), lowering.tensor("running_variance"));
        let (momentum, eps) = (self.momentum, self.eps);
        let y = lowering.like("y", x);
        if lowering.mode() == Mode::Training {
            let features = Extent::Fixed(lowering.input_shape().features());
            let mean = lowering.buffer("mean", features);
            let inverse_deviation = lowering.buffer("inverse_deviation", features);
            lowering.push(Op::BatchNormTrain {
                x,
                gamma,
                beta,
                running_mean,
                running_variance,
                momentum,
                eps,
                mean,
                inverse_deviation,
                y,
            });
        } else {
            lowering.push(Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y });
        }
        y
    }
}

/// Adds the backward operation of a batch norm's forward operation.
pub fn gradient(tape: &mut Tape, forward: &Op) {
    match *forward {
        Op::BatchNormTrain { x, gamma, beta, mean, inverse_deviation, y, .. } => {
            let Some(dy) = tape.gradient_of(y) else { return };
            let dx = tape.gradient_buffer(x);
            tape.push(Op::BatchNormGradient { x, gamma, beta, mean, inverse_deviation, dy, dx });
            tape.add(x, dx);
        }
        Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y } => {
            let Some(dy) = tape.gradient_of(y) else { return };
            let dx = tape.gradient_buffer(x);
            tape.push(Op::BatchNormEvaluateGradient { x, gamma, beta, running_mean, running_variance, eps, dy, dx });
            tape.add(x, dx);
        }
        _ => {}
    }
}
