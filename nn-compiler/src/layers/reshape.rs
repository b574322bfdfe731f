//! `reshape([…])`: the same numbers in other dimensions, row-major. Costs nothing.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::rule::{Rule, written};
use super::weights::Weights;
use crate::diagnostic::{code, counted};
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentSpec, LayerKind, Signature};
use crate::vocabulary::Init;

/// To other dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Reshape {
    /// The new dimensions.
    pub shape: Vec<usize>,
}

/// `reshape([…])`
pub const SIGNATURE: Signature<Reshape> = Signature {
    name: "reshape",
    elsewhere: &[],
    kind: LayerKind::Shape,
    arguments: &[ArgumentSpec::shape("shape", "the new dimensions")],
    make: |bound| Reshape { shape: bound.sizes("shape") },
    doc: "the same numbers in other dimensions",
};

impl Rule for Reshape {
    fn name(&self) -> &'static str {
        SIGNATURE.name
    }

    fn kind(&self) -> LayerKind {
        SIGNATURE.kind
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("shape", format!("{:?}", self.shape))]
    }

    fn identity(&self) -> Option<String> {
        Some(written(self))
    }

    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>> {
        let product = self.shape.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        if product == Some(input.len()) {
            return Ok(Shape(self.shape.clone()));
        }
        let elements = product.map_or("too many".to_owned(), |product| product.to_string());
        Err(Box::new(ShapeError {
            code: code::RESHAPE_SIZE,
            message: format!(
                "`reshape` keeps the number of elements, but {input} has {} and {:?} has {elements}",
                input.len(),
                self.shape
            ),
            caption: product.map_or("too many elements".to_owned(), |product| counted(product, "element")),
            insert: None,
            replace: None,
        }))
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
        // Numbers of one channel may end up in several.
        Effect::Passes { keeps_equal: false }
    }

    fn lower(&self, _lowering: &mut Lowering, x: Read) -> Read {
        x
    }
}
