//! `gelu`: f(z) = z·Φ(z), with Φ the distribution function of the normal distribution (Hendrycks &
//! Gimpel 2016); `gelu(approximate: tanh)`: z·(1 + tanh u)/2 = z·σ(2u), with u = √(2/π)·(z +
//! 0.044715·z³).
//!
//! Derivatives, from the input: Φ(z) + z·φ(z), with φ the density; and s + z·s·(1 − s)·2u′, with s
//! = σ(2u).

use super::Activation;
use crate::isa::Vector;
use crate::math::{normal_cdf, normal_density, sigmoid};

/// f(z) = z·Φ(z).
#[derive(Clone, Copy, Debug)]
pub struct Gelu;

impl Activation for Gelu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z * normal_cdf(z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V) -> V {
        z.mul_add(normal_density(z), normal_cdf(z))
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
    fn value<V: Vector>(self, z: V) -> V {
        z * sigmoid(V::splat(SCALE) * (V::splat(CUBIC) * z * z).mul_add(z, z))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V) -> V {
        // Beyond 10 the derivative is 0 or 1 in this precision; the square must not overflow before
        // it gets there.
        let (one, scale) = (V::splat(1.0), V::splat(SCALE));
        let z = z.max(V::splat(-10.0)).min(V::splat(10.0));
        let square = z * z;
        let s = sigmoid(scale * z * V::splat(CUBIC).mul_add(square, one));
        (z * s * (one - s) * scale).mul_add(V::splat(3.0 * CUBIC).mul_add(square, one), s)
    }
}
