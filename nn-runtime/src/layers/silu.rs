//! `silu`: f(z) = z / (1 + e⁻ᶻ).
//!
//! Derivative, from the input: σ(z)·(1 + z·(1 − σ(z))).

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::sigmoid;

/// f(z) = z / (1 + e⁻ᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Silu;

impl Activation for Silu {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z * sigmoid::<I>(z)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, z: f32) -> f32 {
        let s = sigmoid::<I>(z);
        s * (1.0 + z * (1.0 - s))
    }
}
