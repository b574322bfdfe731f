//! `group_norm(groups)`: y = γ·(x − μ)/√(σ² + ε) + β, over all positions of a group of channels (Wu & He 2018).
//!
//! | value | shape        |
//! | ----- | ------------ |
//! | x, y  | `[features]`, `[channels, length]`, `[channels, height, width]` |
//! | γ, β  | `[features]`, `[channels]` |
//!
//! Each group has the same number of adjacent channels. μ and the biased σ² are those of the group in one row, in
//! training and at inference. Backward: with x̂ = (x − μ)/√(σ² + ε) and g = γ·dy, dβ = Σ dy, dγ = Σ dy·x̂,
//! dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ² + ε) with the means of the group.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::diagnostic::{code, counted};
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::{Parameter, Read};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Normalizes groups of channels.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupNorm {
    /// The number of groups that the channels are split into.
    pub groups: usize,
    /// ε, under the square root.
    pub eps: f64,
}

/// `group_norm(groups, eps: 1e-5)`
pub const SIGNATURE: Signature<GroupNorm> = Signature {
    name: "group_norm",
    elsewhere: &["groupnormalization"],
    kind: LayerKind::Norm,
    arguments: &[
        ArgumentSpec::size("groups", "the number of equal groups that the channels are split into").suggested_as("4"),
        ArgumentSpec::positive("eps", "added to the variance, under the square root").default_number(1e-5),
    ],
    make: |bound| GroupNorm { groups: bound.size("groups"), eps: bound.number("eps") },
    doc: "normalizes groups of channels in each row, then scales and shifts each channel",
};

impl Rule for GroupNorm {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("groups", self.groups.to_string()), ("eps", format!("{:e}", self.eps))]
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let channels = input.features();
        if channels.is_multiple_of(self.groups) {
            return Ok(input.clone());
        }
        let groups = self.groups;
        Err(Box::new(ShapeError {
            code: code::GROUPS,
            message: format!(
                "`groups: {groups}` of `group_norm` must divide its {}",
                counted(channels, "input channel")
            ),
            caption: format!("{} cannot be split into {groups} equal groups", counted(channels, "channel")),
            insert: None,
            replace: None,
        }))
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
            shape: vec![input.features()],
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
        lowering.push(ops::GroupNorm { x, groups: self.groups, gamma, beta, eps: self.eps, y });
        y.read()
    }
}
