//! `silu`: f(z) = z / (1 + e⁻ᶻ).
//!
//! Derivative, from the input: σ(z)·(1 + z·(1 − σ(z))).

use super::Activation;
use crate::isa::Vector;
use crate::math::sigmoid;

/// f(z) = z / (1 + e⁻ᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Silu;

impl Activation for Silu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z * sigmoid(z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V) -> V {
        let one = V::splat(1.0);
        let s = sigmoid(z);
        s * z.mul_add(one - s, one)
    }
}
