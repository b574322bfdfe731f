//! `tanh`: f(z) = tanh z.
//!
//! Derivative, from the output: 1 − y².

use super::Activation;
use crate::isa::Vector;
use crate::math::tanh;

/// f(z) = tanh z.
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

impl Activation for Tanh {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        tanh(z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.negative_mul_add(y, V::splat(1.0))
    }
}
