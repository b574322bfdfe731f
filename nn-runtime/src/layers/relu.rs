//! `relu`: f(z) = max(z, 0).
//!
//! Derivative, from the output: 1 where y > 0, else 0 (and so 0 at 0, as in PyTorch).

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = max(z, 0).
#[derive(Clone, Copy, Debug)]
pub struct Relu;

impl Activation for Relu {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        // Not `max`, which would turn NaN into 0.
        if z < 0.0 { 0.0 } else { z }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }
}
