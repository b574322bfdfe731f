//! `gelu`: f(z) = z·Φ(z), with Φ the distribution function of the normal distribution (Hendrycks &
//! Gimpel 2016); `gelu(approximate: tanh)`: z·(1 + tanh u)/2 = z·σ(2u), with u = √(2/π)·(z +
//! 0.044715·z³).
//!
//! Derivatives, from the input: Φ(z) + z·φ(z), with φ the density; and s + z·s·(1 − s)·2u′, with s
//! = σ(2u).

use super::activation::Activation;
use crate::isa::Isa;
use crate::math::{normal_cdf, normal_density, sigmoid};

/// f(z) = z·Φ(z).
#[derive(Clone, Copy, Debug)]
pub struct Gelu;

impl Activation for Gelu {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z * normal_cdf::<I>(z)
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, z: f32) -> f32 {
        normal_cdf::<I>(z) + z * normal_density::<I>(z)
    }
}

/// f(z) = z·σ(2u), with u = √(2/π)·(z + 0.044715·z³).
#[derive(Clone, Copy, Debug)]
pub struct GeluTanh;

/// √(8/π): 2u = this · (z + 0.044715·z³).
const SCALE: f32 = 1.595_769_2;
const CUBIC: f32 = 0.044_715;

impl Activation for GeluTanh {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z * sigmoid::<I>(SCALE * (z + CUBIC * z * z * z))
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, z: f32) -> f32 {
        // Beyond 10 the derivative is 0 or 1 in this precision; the square must not overflow before
        // it gets there.
        let z = z.clamp(-10.0, 10.0);
        let square = z * z;
        let s = sigmoid::<I>(SCALE * z * (1.0 + CUBIC * square));
        s + z * s * (1.0 - s) * SCALE * (1.0 + 3.0 * CUBIC * square)
    }
}
