//! `step`: f(z) = 1 where z > 0, else 0 (Rosenblatt 1958); NaN stays NaN.
//!
//! Derivative, from the output: 0: the perceptron rule does without it.

use super::Activation;
use crate::isa::Vector;

/// f(z) = 1 where z > 0, else 0 (Rosenblatt 1958).
#[derive(Clone, Copy, Debug)]
pub struct Step;

impl Activation for Step {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let zero = V::splat(0.0);
        // The larger one is NaN if z is; the sum is never −0.
        z.if_greater(zero, V::splat(1.0), z.max(zero) + zero)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, _: V) -> V {
        V::splat(0.0)
    }
}
