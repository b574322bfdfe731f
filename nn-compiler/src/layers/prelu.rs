//! `prelu(init: 0.25, shared: false)`: y = x where x > 0, else slope·x, with a learnable slope (He et al. 2015).
//!
//! | value | shape                             |
//! | ----- | --------------------------------- |
//! | x, y  | any                               |
//! | slope | `[features]`, the first dimension of x, or `[1]` when shared |
//!
//! Backward: dx = dy where x > 0, else slope·dy; dslope = Σ dy·x over x ≤ 0.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::{Parameter, Read};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Relu with a learnable slope below zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Prelu {
    /// The initial slope.
    pub init: f64,
    /// Whether all features share one slope.
    pub shared: bool,
}

/// `prelu(init: 0.25, shared: false)`
pub const SIGNATURE: Signature<Prelu> = Signature {
    name: "prelu",
    elsewhere: &[],
    kind: LayerKind::Activation,
    arguments: &[
        ArgumentSpec::number("init", f64::NEG_INFINITY, f64::INFINITY, "the initial slope").default_number(0.25),
        ArgumentSpec::flag("shared", false, "whether all features share one slope"),
    ],
    make: |bound| Prelu { init: bound.number("init"), shared: bound.flag("shared") },
    doc: "relu with a learnable slope below zero",
};

impl Rule for Prelu {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("init", self.init.to_string()), ("shared", self.shared.to_string())]
    }

    fn identity(&self) -> Option<String> {
        Some(format!("prelu(shared:{})", self.shared))
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
            name: "slope",
            shape: vec![if self.shared { 1 } else { input.features() }],
            trainable: true,
            init: Init::Constant(self.init),
            l1: 0.0,
            l2: 0.0,
        }]
    }

    fn macs(&self, _input: &Shape) -> u64 {
        0
    }

    fn flops(&self, input: &Shape) -> u64 {
        input.len() as u64
    }

    fn weights(&self) -> Option<&Weights> {
        None
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        None
    }

    fn auto_init(&self) -> Option<Init> {
        Some(Init::HeNormal)
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        Effect::LearnsSlope
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let [slope] = lowering.tensors().map(Parameter);
        let y = lowering.like("y", x);
        lowering.push(ops::Prelu { x, slope, y });
        y.read()
    }
}
