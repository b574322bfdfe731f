//! What the stages need to know about a layer.

use super::effect::Effect;
use super::parameter::ParameterSpec;
use super::weights::Weights;
use crate::plan::Lowering;
use crate::plan::roles::Read;
use crate::shape::{Shape, ShapeError};
use crate::signature::LayerKind;
use crate::vocabulary::Init;

/// What the stages need to know about a layer. No method has a default, so a new layer must define all of them.
pub trait Rule {
    /// The word of the language.
    fn name(&self) -> &'static str;
    /// Its purpose.
    fn kind(&self) -> LayerKind;
    /// Every argument with its value, defaults resolved, as it would be written.
    fn arguments(&self) -> Vec<(&'static str, String)>;
    /// What determines the meaning of the layer's parameters and outputs; part of the weights' hash. `None` if the
    /// layer affects neither. If all arguments matter, it is `written(self)`.
    fn identity(&self) -> Option<String>;
    /// The shape of the output.
    fn shape(&self, input: &Shape) -> Result<Shape, Box<ShapeError>>;
    /// Whether it has tensors.
    fn has_parameters(&self) -> bool;
    /// Whether it has tensors that gradients change.
    fn learns(&self) -> bool;
    /// The tensors it needs, in order.
    fn parameters(&self, input: &Shape) -> Vec<ParameterSpec>;
    /// Multiply-adds for one row.
    fn macs(&self, input: &Shape) -> u64;
    /// Floating-point operations for one row: two per multiply-add, otherwise one per element.
    fn flops(&self, input: &Shape) -> u64;
    /// The arguments of its weights, if it multiplies by weights.
    fn weights(&self) -> Option<&Weights>;
    /// The same, to be changed.
    fn weights_mut(&mut self) -> Option<&mut Weights>;
    /// What `init: auto` of the weights before it becomes; `None` if the layer after it decides that.
    fn auto_init(&self) -> Option<Init>;
    /// Whether it computes mean and variance over the batch in training, and subtracts that mean.
    fn needs_batch(&self) -> bool;
    /// The number of tokens, if its input holds their indices.
    fn tokens(&self) -> Option<usize>;
    /// What it does to its input.
    fn effect(&self) -> Effect;
    /// Adds its forward operations to a plan; returns the buffer of its output.
    fn lower(&self, lowering: &mut Lowering, x: Read) -> Read;
}

/// A layer with all of its arguments, as text that is stored with weights.
pub fn written(rule: &impl Rule) -> String {
    let arguments: Vec<String> = rule.arguments().iter().map(|(name, value)| format!("{name}:{value}")).collect();
    format!("{}({})", rule.name(), arguments.join(","))
}
