//! `selu`: f(z) = λ·z where z > 0, else λ·α·(eᶻ − 1), with the λ and α of Klambauer et al. 2017.
//!
//! Derivative, from the output: λ where y > 0, else y + λ·α.

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::exp_m1_of_negative;

const SCALE: f32 = 1.050_701;
const ALPHA: f32 = 1.673_263_2;

/// f(z) = λ·z where z > 0, else λ·α·(eᶻ − 1), with the λ and α of Klambauer et al. 2017.
#[derive(Clone, Copy, Debug)]
pub struct Selu;

impl Activation for Selu {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        let below = SCALE * ALPHA * exp_m1_of_negative::<I>(z);
        if z > 0.0 { SCALE * z } else { below }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 { SCALE } else { y + SCALE * ALPHA }
    }
}
