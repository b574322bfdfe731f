//! `dense(units)`: y = x·W + b.
//!
//! | value | shape             |
//! | ----- | ----------------- |
//! | x     | `[inputs]`        |
//! | W     | `[inputs, units]` |
//! | b     | `[units]`         |
//! | y     | `[units]`         |
//!
//! Backward: dW = xᵀ·dy, db = Σ dy, dx = dy·Wᵀ.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::Rule;
use super::weights::{BIAS, INIT, L1, L2, Weights};
use crate::diagnostic::code;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::plan::{Extent, Lowering};
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::{Activation, Init};

/// A fully connected layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// The width of the output.
    pub units: usize,
    /// Weights and bias.
    pub weights: Weights,
}

/// `dense(units, bias: true, init: auto, l1: 0, l2: 0)`
pub const SIGNATURE: Signature<Dense> = Signature {
    name: "dense",
    elsewhere: &["linear", "fullyconnected", "fc"],
    kind: LayerKind::Weights,
    arguments: &[ArgumentSpec::size("units", "the number of outputs"), BIAS, INIT, L1, L2],
    make: |bound| Dense { units: bound.size("units"), weights: Weights::bound(bound) },
    doc: "y = x·W + b",
};

impl Rule for Dense {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let mut arguments = vec![("units", self.units.to_string())];
        arguments.extend(self.weights.arguments());
        arguments
    }

    fn identity(&self) -> Option<String> {
        Some(format!("dense(units:{},bias:{})", self.units, self.weights.bias))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let Some(inputs) = input.flat() else {
            return Err(ShapeError::needs_flat(code::DENSE_NEEDS_FLAT_INPUT, "dense", input));
        };
        if inputs.checked_mul(self.units).is_none_or(|weights| weights > crate::shape::MOST_ELEMENTS) {
            return Err(Box::new(ShapeError {
                code: code::TOO_LARGE,
                message: format!(
                    "`dense({})` on {input} has more than {} weights",
                    self.units,
                    crate::shape::MOST_ELEMENTS
                ),
                caption: "too many weights".to_owned(),
                insert: None,
                replace: None,
            }));
        }
        Ok(Shape(vec![self.units]))
    }

    fn has_parameters(&self) -> bool {
        true
    }

    fn learns(&self) -> bool {
        true
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        self.weights.parameters(vec![input.len(), self.units], self.units)
    }

    fn macs(&self, input: &Shape) -> u64 {
        input.len() as u64 * self.units as u64
    }

    fn flops(&self, input: &Shape) -> u64 {
        2 * self.macs(input) + if self.weights.bias { self.units as u64 } else { 0 }
    }

    fn weights(&self) -> Option<&Weights> {
        Some(&self.weights)
    }

    fn weights_mut(&mut self) -> Option<&mut Weights> {
        Some(&mut self.weights)
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
        Effect::Weighs { is_shared: true }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let (weight, bias) = lowering.weight_and_bias();
        let y = lowering.buffer("z", Extent::Rows(self.units));
        lowering.push(ops::Dense { x, weight, bias, activation: Activation::Linear, y });
        y.read()
    }
}
