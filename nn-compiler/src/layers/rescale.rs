//! `rescale(factor, offset: 0)`: y = factor·x + offset. Any shape. Backward: dx = factor·dy.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Scales and shifts by fixed numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescale {
    /// What x is multiplied by.
    pub factor: f64,
    /// The number added after that.
    pub offset: f64,
}

/// `rescale(factor, offset: 0)`
pub const SIGNATURE: Signature<Rescale> = Signature {
    name: "rescale",
    elsewhere: &["rescaling"],
    kind: LayerKind::Scale,
    arguments: &[
        ArgumentSpec::number("factor", f64::NEG_INFINITY, f64::INFINITY, "the factor of the input"),
        ArgumentSpec::number("offset", f64::NEG_INFINITY, f64::INFINITY, "the number added after that")
            .default_number(0.0),
    ],
    make: |bound| Rescale { factor: bound.number("factor"), offset: bound.number("offset") },
    doc: "y = factor·x + offset",
};

impl Rule for Rescale {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("factor", self.factor.to_string()), ("offset", self.offset.to_string())]
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(input.clone())
    }

    fn has_parameters(&self) -> bool {
        false
    }

    fn learns(&self) -> bool {
        false
    }

    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        Vec::new()
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
        Effect::Scales { factor: self.factor, offset: self.offset }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let y = lowering.like("y", x);
        lowering.push(ops::Rescale { x, factor: self.factor, offset: self.offset, y });
        y.read()
    }
}
