//! `tanh`: f(z) = tanh z.
//!
//! Derivative, from the output: 1 − y².

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::tanh;

/// f(z) = tanh z.
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

impl Activation for Tanh {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        tanh::<I>(z)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        (1.0 - y) * (1.0 + y)
    }
}
