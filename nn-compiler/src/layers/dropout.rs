//! `dropout(rate)`: in training, y = x·mask; the mask is 0 with probability `rate`, else 1/(1 − rate)
//! (Srivastava et al. 2014). At inference y = x. Any shape. Backward: dx = dy·mask.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::weights::Weights;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::plan::{Lowering, Mode};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// Drops values at random while training.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropout {
    /// The probability of dropping.
    pub rate: f64,
}

/// `dropout(rate)`
pub const SIGNATURE: Signature<Dropout> = Signature {
    name: "dropout",
    elsewhere: &[],
    kind: LayerKind::Regularizer,
    arguments: &[ArgumentSpec::share("rate", "the probability of dropping a value")],
    make: |bound| Dropout { rate: bound.number("rate") },
    doc: "drops values at random while training",
};

impl Rule for Dropout {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("rate", self.rate.to_string())]
    }

    fn identity(&self) -> Option<String> {
        None
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
        None
    }

    fn needs_batch(&self) -> bool {
        false
    }

    fn tokens(&self) -> Option<usize> {
        None
    }

    fn effect(&self) -> Effect {
        // Each unit has its own mask.
        Effect::Passes { keeps_equal: false }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        if lowering.mode != Mode::Training || self.rate == 0.0 {
            return x;
        }
        let (mask, y) = (lowering.like("mask", x), lowering.like("y", x));
        let site = lowering.next_site();
        lowering.push(ops::Dropout { x, rate: self.rate, site, mask, y });
        y.read()
    }
}
