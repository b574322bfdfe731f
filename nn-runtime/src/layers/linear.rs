//! `linear`: f(z) = z.
//!
//! Derivative, from the output: 1.

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = z.
#[derive(Clone, Copy, Debug)]
pub struct Linear;

impl Activation for Linear {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, _: f32) -> f32 {
        1.0
    }
}
