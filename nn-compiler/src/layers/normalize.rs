//! `normalize`: y = (x − mean)/deviation, feature by feature.
//!
//! | value           | shape        |
//! | --------------- | ------------ |
//! | x, y            | `[features]` |
//! | mean, deviation | `[features]` |
//!
//! Mean and (population) deviation are those of the training rows, taken before the first step and kept with
//! the parameters; a constant feature has deviation 1. Backward: dx = dy/deviation.

use super::{Init, Layer, ParameterSpec, Rule, Signature};
use crate::diagnostic::code;
use crate::differentiate::Tape;
use crate::lower::Lowering;
use crate::plan::{BufferId, Op, TensorId};
use crate::shape::{Shape, ShapeError};

/// Standardises each feature by the training rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize;

/// `normalize`
pub const SIGNATURE: Signature = Signature {
    name: "normalize",
    parameters: &[],
    make: |_| Layer::Normalize(Normalize),
    doc: "each feature to zero mean and unit deviation over the training rows",
};

impl Rule for Normalize {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        match input.flat() {
            Some(_) => Ok(input.clone()),
            None => Err(ShapeError::needs_flat(code::NEEDS_FLAT_INPUT, "normalize", input)),
        }
    }

    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec> {
        let tensor = |name, start| ParameterSpec {
            name,
            shape: vec![input.len()],
            trainable: false,
            init: Init::Constant(start),
            l1: 0.0,
            l2: 0.0,
        };
        vec![tensor("mean", 0.0), tensor("deviation", 1.0)]
    }

    fn flops(&self, input: &Shape) -> u64 {
        2 * input.len() as u64
    }

    fn lower(&self, lowering: &mut Lowering, x: BufferId) -> BufferId {
        let (mean, deviation) = (lowering.tensor("mean"), lowering.tensor("deviation"));
        let y = lowering.like("y", x);
        lowering.push(Op::Normalize { x, mean, deviation, y });
        y
    }
}

/// Adds the backward operation of [`Op::Normalize`].
pub fn gradient(tape: &mut Tape, x: BufferId, deviation: TensorId, y: BufferId) {
    tape.through(x, y, |dy, dx| Op::NormalizeGradient { dy, deviation, dx });
}
