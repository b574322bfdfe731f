//! What layers do to the numbers they get, as far as lints reason about it.

use crate::vocabulary::{Activation, Init};

/// What a layer does to its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// It sums features, each with a learned weight.
    Weighs {
        /// Whether each output is a sum over all features, so that units with equal weights stay equal.
        is_shared: bool,
    },
    /// It returns the learned vectors of token indices.
    LooksUp {
        /// How the vectors are initialised.
        init: Init,
    },
    /// It returns the same numbers, perhaps in other places, and perhaps not all of them in training.
    Passes {
        /// Whether units that are equal stay equal.
        keeps_equal: bool,
    },
    /// It returns `factor·x + offset`.
    Scales {
        /// The factor of the numbers.
        factor: f64,
        /// The number added after that.
        offset: f64,
    },
    /// It scales and shifts each feature separately, to about zero mean and unit variance.
    Standardizes,
    /// It scales and shifts the numbers of a row by their common mean and variance.
    NormalizesRow,
    /// It returns one number for several.
    Pools {
        /// Whether zeros around its input count.
        counts_zeros: bool,
    },
    /// It applies a nonlinear function to each number.
    Bends(Activation),
    /// It applies a nonlinear function with a learned slope below zero.
    LearnsSlope,
    /// It turns the numbers of a row into shares that add up to 1.
    Shares {
        /// Whether it returns their logarithms.
        in_logarithms: bool,
    },
}
