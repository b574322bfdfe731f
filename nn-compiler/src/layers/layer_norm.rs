//! `layer_norm`: y = γ·(x − μ)/√(σ² + ε) + β, over all numbers of a row (Ba et al. 2016).
//!
//! | value | shape     |
//! | ----- | --------- |
//! | x, y  | any, same |
//! | γ, β  | that of x |
//!
//! μ and the biased σ² are those of the row, in training and at inference. Backward: with x̂ = (x − μ)/√(σ² + ε) and
//! g = γ·dy, dβ = Σ dy, dγ = Σ dy·x̂, dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε).

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::{Parameter, Read};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Normalizes each row.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerNorm {
    /// ε, under the square root.
    pub eps: f64,
}

/// `layer_norm(eps: 1e-5)`
pub const SIGNATURE: Signature<LayerNorm> = Signature {
    name: "layer_norm",
    elsewhere: &["layernormalization"],
    kind: LayerKind::Norm,
    arguments: &[ArgumentSpec::positive("eps", "added to the variance, under the square root").default_number(1e-5)],
    make: |bound| LayerNorm { eps: bound.number("eps") },
    doc: "normalizes each row, then scales and shifts each number",
};

impl Rule for LayerNorm {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("eps", format!("{:e}", self.eps))]
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
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
        let tensor = |name, start| ParameterSpec {
            name,
            shape: input.0.clone(),
            trainable: true,
            init: Init::Constant(start),
            l1: 0.0,
            l2: 0.0,
        };
        vec![tensor("gamma", 1.0), tensor("beta", 0.0)]
    }

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        8 * input.len() as u64
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
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::NormalizesRow
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [gamma, beta] = lowering.tensors().map(Parameter);
        let y = lowering.like("y", x);
        lowering.push(ops::LayerNorm { x, gamma, beta, eps: self.eps, y });
        y.read()
    }
}
