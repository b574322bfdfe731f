//! `softplus`: f(z) = ln(1 + eᶻ).
//!
//! Derivative, from the output: σ(z) = 1 − e⁻ʸ.

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::{exp_m1_of_negative, softplus};

/// f(z) = ln(1 + eᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Softplus;

impl Activation for Softplus {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        softplus::<I>(z)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        -exp_m1_of_negative::<I>(-y)
    }
}
