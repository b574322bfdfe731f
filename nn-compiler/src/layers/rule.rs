//! What the stages ask of a layer.

use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::LayerKind;
use crate::vocabulary::Init;

/// A tensor that a layer needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSpec {
    /// `weight`, `bias`, …
    pub name: &'static str,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Whether gradients change it.
    pub trainable: bool,
    /// How it is initialised.
    pub init: Init,
    /// The weight of Σ|w| in the loss.
    pub l1: f64,
    /// The weight of Σw² in the loss.
    pub l2: f64,
}

/// What the stages ask of a layer.
pub trait Rule {
    /// The word of the language.
    fn name(&self) -> &'static str;
    /// Its purpose.
    fn kind(&self) -> LayerKind;
    /// Every argument with its value, defaults resolved, as it would be written.
    fn arguments(&self) -> Vec<(&'static str, String)>;
    /// What determines the meaning of the layer's parameters and outputs; part of the weights' hash.
    /// `None` if the layer changes neither.
    fn identity(&self) -> Option<String> {
        let arguments: Vec<String> = self.arguments().iter().map(|(name, value)| format!("{name}:{value}")).collect();
        Some(format!("{}({})", self.name(), arguments.join(",")))
    }
    /// The shape of the output.
    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>>;
    /// The tensors it needs, in order.
    fn parameters(&self, _input: &Shape) -> Vec<ParameterSpec> {
        Vec::new()
    }
    /// Multiply-adds for one row.
    fn macs(&self, _input: &Shape) -> u64 {
        0
    }
    /// Floating-point operations for one row: two per multiply-add, otherwise one per element.
    fn flops(&self, input: &Shape) -> u64 {
        input.len() as u64
    }
    /// Adds its forward operations to a plan; returns the buffer of its output.
    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read;
}
