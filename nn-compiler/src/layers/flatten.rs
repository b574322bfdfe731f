//! `flatten`: the same numbers in one dimension, row-major. Costs nothing.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};
use crate::vocabulary::Init;

/// To one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Flatten;

/// `flatten`
pub const SIGNATURE: Signature<Flatten> = Signature {
    name: "flatten",
    elsewhere: &[],
    kind: LayerKind::Shape,
    arguments: &[],
    make: |_| Flatten,
    doc: "the same numbers in one dimension",
};

impl Rule for Flatten {
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
        Ok(Shape(vec![input.len()]))
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

    fn flops(&self, _input: &Shape) -> u64 {
        0
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
        Effect::Passes { keeps_equal: true }
    }

    fn lower(&self, _lowering: &mut Lowering, x: Read) -> Read {
        x
    }
}
