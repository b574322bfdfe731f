//! `normalize`: y = (x − mean)/deviation, feature by feature.
//!
//! | value           | shape        |
//! | --------------- | ------------ |
//! | x, y            | `[features]`, `[channels, length]`, `[channels, height, width]` |
//! | mean, deviation | `[features]`, `[channels]` |
//!
//! The features of an image or a sequence are its channels: mean and deviation are those of all positions of all rows.
//! They are measured on the training rows before the first step and kept with the parameters; the deviation is the
//! biased one, √(Σ(x − mean)²/n), and 1 for a feature that is constant. Backward: dx = dy/deviation.
//!
//! Its statistics are taken before the first step, so `normalize` after a layer that learns is an
//! error.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::{Read, Statistic};
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};
use crate::vocabulary::Init;

/// Standardizes each feature, or each channel, by the training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize;

/// `normalize`
pub const SIGNATURE: Signature<Normalize> = Signature {
    name: "normalize",
    elsewhere: &["normalization"],
    kind: LayerKind::Scale,
    arguments: &[],
    make: |_| Normalize,
    doc: "normalizes each feature or channel by the mean and deviation of the training rows",
};

impl Rule for Normalize {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
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
        false
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        let tensor = |name, start| ParameterSpec {
            name,
            shape: vec![input.features()],
            trainable: false,
            init: Init::Constant(start),
            l1: 0.0,
            l2: 0.0,
        };
        vec![tensor("mean", 0.0), tensor("deviation", 1.0)]
    }

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        2 * input.len() as u64
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        Some(Init::GlorotUniform)
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::Standardizes
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [mean, deviation] = lowering.tensors().map(Statistic);
        let y = lowering.like("y", x);
        lowering.push(ops::Normalize { x, mean, deviation, y });
        y.read()
    }
}
