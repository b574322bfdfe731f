//! `flatten`: the same numbers in one dimension, row-major. Costs nothing.

use super::{Layer, Rule, Signature};
use crate::lower::Lowering;
use crate::plan::BufferId;
use crate::shape::{Shape, ShapeError};

/// To one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Flatten;

/// `flatten`
pub const SIGNATURE: Signature = Signature {
    name: "flatten",
    parameters: &[],
    make: |_| Layer::Flatten(Flatten),
    doc: "the same numbers in one dimension",
};

impl Rule for Flatten {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        Ok(Shape(vec![input.len()]))
    }

    fn flops(&self, _input: &Shape) -> u64 {
        0
    }

    fn lower(&self, _lowering: &mut Lowering, x: BufferId) -> BufferId {
        x
    }
}
