//! `log_softmax`: y = x − ln Σ exp(x) over the features, computed after the largest x is subtracted.
//!
//! | value | shape        |
//! | ----- | ------------ |
//! | x, y  | `[features]` |
//!
//! Backward: dx = dy − exp(y)·Σ dy.

use super::rule::Rule;
use crate::diagnostic::code;
use crate::plan::Lowering;
use crate::plan::ops;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};

/// y = x − ln Σ exp(x).
#[derive(Clone, Debug, PartialEq)]
pub struct LogSoftmax;

/// `log_softmax`
pub const SIGNATURE: Signature<LogSoftmax> = Signature {
    name: "log_softmax",
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
        LayerKind::Activation
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        match input.flat() {
            Some(_) => Ok(input.clone()),
            None => Err(ShapeError::needs_flat(code::NEEDS_FLAT_INPUT, "log_softmax", input)),
        }
    }

    fn flops(&self, input: &Shape) -> u64 {
        3 * input.len() as u64
    }

    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read {
        let y = lowering.like("y", x);
        lowering.push(ops::LogSoftmax { x, y });
        y.read()
    }
}
