//! `elu(alpha)`: f(z) = z where z > 0, else α·(eᶻ − 1).
//!
//! Derivative, from the output: 1 where y > 0, else y + α (so α at 0).

use super::Activation;
use crate::isa::Vector;
use crate::math::exp_m1_of_negative;

/// f(z) = z where z > 0, else α·(eᶻ − 1).
#[derive(Clone, Copy, Debug)]
pub struct Elu {
    /// Where the function tends to on the left, negated; above 0.
    pub alpha: f32,
}

impl Activation for Elu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let below = V::splat(self.alpha) * exp_m1_of_negative(z);
        z.if_greater(V::splat(0.0), z, below)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(1.0), y + V::splat(self.alpha))
    }
}
