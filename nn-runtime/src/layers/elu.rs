//! `elu(alpha)`: f(z) = z where z > 0, else α·(eᶻ − 1).
//!
//! Derivative, from the output: 1 where y > 0, else y + α (so α at 0).

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::exp_m1_of_negative;

/// f(z) = z where z > 0, else α·(eᶻ − 1).
#[derive(Clone, Copy, Debug)]
pub struct Elu {
    /// Where the function tends to on the left, negated; above 0.
    pub alpha: f32,
}

impl Activation for Elu {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        let below = self.alpha * exp_m1_of_negative::<I>(z);
        if z > 0.0 { z } else { below }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { y + self.alpha }
    }
}
