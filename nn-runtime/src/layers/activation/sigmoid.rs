//! `sigmoid`: f(z) = 1 / (1 + e⁻ᶻ).
//!
//! Derivative, from the output: y·(1 − y).

use super::Activation;
use crate::isa::Vector;
use crate::math::sigmoid;

/// f(z) = 1 / (1 + e⁻ᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;

impl Activation for Sigmoid {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        sigmoid(z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.negative_mul_add(y, y)
    }
}
