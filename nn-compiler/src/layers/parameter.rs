//! The tensors of layers.

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
