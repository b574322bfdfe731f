//! Signatures: the name of a layer, and arguments with their ranges and defaults.

mod argument;
mod bound;

pub use argument::{ArgumentKind, ArgumentSpec, Fallback};
pub use bound::{Bound, BoundValue};

/// The purpose of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// Computes features with learned weights.
    Weights,
    /// Scales and shifts by fixed numbers.
    Scale,
    /// Normalizes by mean and variance.
    Norm,
    /// Applies a nonlinear function.
    Activation,
    /// Combines neighbouring numbers into one.
    Pool,
    /// Changes only the dimensions.
    Shape,
    /// Reduces overfitting.
    Regularizer,
}

/// The signature of the layer `T`: its name, its arguments, and how to make it from them.
pub struct Signature<T> {
    /// The word of the language.
    pub name: &'static str,
    /// What other frameworks call it, in lower case without `_`.
    pub elsewhere: &'static [&'static str],
    /// Its purpose.
    pub kind: LayerKind,
    /// The arguments in order.
    pub arguments: &'static [ArgumentSpec],
    /// Makes the layer from checked arguments.
    pub make: fn(&Bound) -> T,
    /// One line for people.
    pub doc: &'static str,
}

impl<T> Signature<T> {
    /// The same signature for a type that contains the layer.
    pub const fn making<U>(&self, make: fn(&Bound) -> U) -> Signature<U> {
        let Self { name, elsewhere, kind, arguments, doc, .. } = *self;
        Signature { name, elsewhere, kind, arguments, make, doc }
    }
}
