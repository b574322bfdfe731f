//! `sigmoid`: f(z) = 1 / (1 + e⁻ᶻ).
//!
//! Derivative, from the output: y·(1 − y).

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::sigmoid;

/// f(z) = 1 / (1 + e⁻ᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;

impl Activation for Sigmoid {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        sigmoid::<I>(z)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        y * (1.0 - y)
    }
}
