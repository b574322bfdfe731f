//! `hard_sigmoid`: f(z) = clamp(z/6 + 1/2, 0, 1).
//!
//! Derivative, from the output: 1/6 where 0 < y < 1, else 0.

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = clamp(z/6 + 1/2, 0, 1).
#[derive(Clone, Copy, Debug)]
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        (z / 6.0 + 0.5).clamp(0.0, 1.0)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 && y < 1.0 { 1.0 / 6.0 } else { 0.0 }
    }
}
