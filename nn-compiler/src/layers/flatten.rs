//! `flatten`: the same numbers in one dimension, row-major. Costs nothing.

use super::rule::Rule;
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{LayerKind, Signature};

/// To one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Flatten;

/// `flatten`
pub const SIGNATURE: Signature<Flatten> = Signature {
    name: "flatten",
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
        LayerKind::Shape
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

    fn lower(&self, _lowering: &mut Lowering, x: Read) -> Read {
        x
    }
}
