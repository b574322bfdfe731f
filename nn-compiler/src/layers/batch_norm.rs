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

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::weights::Weights;
use crate::plan::ops;
use crate::plan::roles::{Observe, Parameter, Read, Statistic};
use crate::plan::{Extent, Lowering, Mode};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Normalizes each feature over the batch.
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
    elsewhere: &["batchnorm1d", "batchnormalization", "batchnorm"],
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
        SIGNATURE.kind
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

    fn has_parameters(&self) -> bool {
        true
    }

    fn learns(&self) -> bool {
        true
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

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        4 * input.len() as u64
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        None
    }

    fn needs_batch(&self) -> bool {
        true
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::Standardizes
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [gamma, beta, running_mean, running_variance] = lowering.tensors();
        let (gamma, beta) = (Parameter(gamma), Parameter(beta));
        let (momentum, eps) = (self.momentum, self.eps);
        let y = lowering.like("y", x);
        match lowering.mode {
            Mode::Training => {
                let features = Extent::Fixed(lowering.input.features());
                let mean = lowering.buffer("mean", features);
                let inverse_deviation = lowering.buffer("inverse_deviation", features);
                lowering.push(ops::BatchNormTrain {
                    x,
                    gamma,
                    beta,
                    running_mean: Observe(running_mean),
                    running_variance: Observe(running_variance),
                    momentum,
                    eps,
                    mean,
                    inverse_deviation,
                    y,
                });
            }
            Mode::Inference | Mode::Evaluation | Mode::FrozenTraining | Mode::Normalization => {
                let (running_mean, running_variance) = (Statistic(running_mean), Statistic(running_variance));
                lowering.push(ops::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y });
            }
        }
        y.read()
    }
}
