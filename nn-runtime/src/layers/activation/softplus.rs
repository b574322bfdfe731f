//! `softplus`: f(z) = ln(1 + eᶻ).
//!
//! Derivative, from the output: σ(z) = 1 − e⁻ʸ.

use super::Activation;
use crate::isa::Vector;
use crate::math::{exp_m1_of_negative, softplus};

/// f(z) = ln(1 + eᶻ).
#[derive(Clone, Copy, Debug)]
pub struct Softplus;

impl Activation for Softplus {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        softplus(z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        let zero = V::splat(0.0);
        zero - exp_m1_of_negative(zero - y)
    }
}
