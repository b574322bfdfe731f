//! `step`: f(z) = 1 where z > 0, else 0 (Rosenblatt 1958).
//!
//! Derivative, from the output: 0: the perceptron rule does without it.

use super::activation::Activation;
use crate::isa::Vector;

/// f(z) = 1 where z > 0, else 0 (Rosenblatt 1958).
#[derive(Clone, Copy, Debug)]
pub struct Step;

impl Activation for Step {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z.if_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, _: V) -> V {
        V::splat(0.0)
    }
}
