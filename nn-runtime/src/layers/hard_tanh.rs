//! `hard_tanh`: f(z) = clamp(z, −1, 1).
//!
//! Derivative, from the output: 1 where −1 < y < 1, else 0.

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = clamp(z, −1, 1).
#[derive(Clone, Copy, Debug)]
pub struct HardTanh;

impl Activation for HardTanh {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z.clamp(-1.0, 1.0)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > -1.0 && y < 1.0 { 1.0 } else { 0.0 }
    }
}
