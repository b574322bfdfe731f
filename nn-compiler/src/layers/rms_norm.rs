//! `rms_norm`: y = γ·x/√(mean(x²) + ε), over the channels of each position (Zhang & Sennrich 2019).
//!
//! | value | shape        |
//! | ----- | ------------ |
//! | x, y  | `[features]`, `[channels, length]`, `[channels, height, width]` |
//! | γ     | `[features]`, `[channels]` |
//!
//! A flat input is one position. Backward: with x̂ = x/√(mean(x²) + ε) and g = γ·dy, dγ = Σ dy·x̂,
//! dx = (g − x̂·mean(g·x̂))/√(mean(x²) + ε).

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

/// Divides the channels of each position by their root mean square.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsNorm {
    /// ε, under the square root.
    pub eps: f64,
}

/// `rms_norm(eps: 1e-5)`
pub const SIGNATURE: Signature<RmsNorm> = Signature {
    name: "rms_norm",
    elsewhere: &["rmsnormalization"],
    kind: LayerKind::Norm,
    arguments: &[
        ArgumentSpec::positive("eps", "added to the mean of squares, under the square root").default_number(1e-5)
    ],
    make: |bound| RmsNorm { eps: bound.number("eps") },
    doc: "divides the channels of each position by their root mean square, then scales each channel",
};

impl Rule for RmsNorm {
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
        vec![ParameterSpec {
            name: "gamma",
            shape: vec![input.features()],
            trainable: true,
            init: Init::Constant(1.0),
            l1: 0.0,
            l2: 0.0,
        }]
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
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::NormalizesRow
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [gamma] = lowering.tensors().map(Parameter);
        let y = lowering.like("y", x);
        lowering.push(ops::RmsNorm { x, gamma, eps: self.eps, y });
        y.read()
    }
}
