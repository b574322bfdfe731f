//! How a layer is written, and the arguments of everything that has some: their ranges and defaults.

mod argument;
mod bound;

pub use argument::{ArgumentKind, ArgumentSpec, Fallback};
pub use bound::{Bound, BoundValue};

/// What a layer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// It makes features, by weights that are learned.
    Weights,
    /// It moves numbers into a range by fixed numbers.
    Scale,
    /// It moves numbers into a range by their own mean and variance.
    Norm,
    /// It bends what it is given.
    Activation,
    /// It makes one number of several that are side by side.
    Pool,
    /// It gives the same numbers in other dimensions.
    Shape,
    /// It keeps the network from learning its examples by heart.
    Regularizer,
}

/// What is written to get the layer `T`: its name, its arguments, and how to make it of them.
pub struct Signature<T> {
    /// The word of the language.
    pub name: &'static str,
    /// What it is for.
    pub kind: LayerKind,
    /// The arguments in order.
    pub arguments: &'static [ArgumentSpec],
    /// The layer of checked arguments.
    pub make: fn(&Bound) -> T,
    /// One line for people.
    pub doc: &'static str,
}

impl<T> Signature<T> {
    /// The same words for what holds the layer.
    pub const fn making<U>(&self, make: fn(&Bound) -> U) -> Signature<U> {
        Signature { name: self.name, kind: self.kind, arguments: self.arguments, make, doc: self.doc }
    }
}
