//! `log_softmax`: y = x − ln Σ exp(x) over the features, computed after the largest x is subtracted.
//!
//! | value | shape        |
//! | ----- | ------------ |
//! | x, y  | `[features]` |
//!
//! Backward: dx = dy − exp(y)·Σ dy.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::diagnostic::code;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};
use crate::vocabulary::Init;

/// y = x − ln Σ exp(x).
#[derive(Clone, Debug, PartialEq)]
pub struct LogSoftmax;

/// `log_softmax`
pub const SIGNATURE: Signature<LogSoftmax> = Signature {
    name: "log_softmax",
    elsewhere: &["logsoftmax"],
    kind: LayerKind::Activation,
    arguments: &[],
    make: |_| LogSoftmax,
    doc: "y = x − ln Σ exp(x)",
};

impl Rule for LogSoftmax {
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
        match input.flat() {
            Some(_) => Ok(input.clone()),
            None => Err(ShapeError::needs_flat(code::NEEDS_FLAT_INPUT, "log_softmax", input)),
        }
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
        3 * input.len() as u64
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
        Effect::Shares { in_logarithms: true }
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let y = lowering.like("y", x);
        lowering.push(ops::LogSoftmax { x, y });
        y.read()
    }
}
