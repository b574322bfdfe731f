//! `selu`: f(z) = λ·z where z > 0, else λ·α·(eᶻ − 1), with the λ and α of Klambauer et al. 2017.
//!
//! Derivative, from the output: λ where y > 0, else y + λ·α.

use super::Activation;
use crate::isa::Vector;
use crate::math::exp_m1_of_negative;

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

/// f(z) = λ·z where z > 0, else λ·α·(eᶻ − 1), with the λ and α of Klambauer et al. 2017.
#[derive(Clone, Copy, Debug)]
pub struct Selu;

impl Activation for Selu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let below = V::splat(SCALE * ALPHA) * exp_m1_of_negative(z);
        z.if_greater(V::splat(0.0), V::splat(SCALE) * z, below)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(SCALE), y + V::splat(SCALE * ALPHA))
    }
}
