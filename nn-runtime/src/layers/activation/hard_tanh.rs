//! `hard_tanh`: f(z) = clamp(z, −1, 1).
//!
//! Derivative, from the output: 1 where −1 < y < 1, else 0.

use super::Activation;
use crate::isa::Vector;

/// f(z) = clamp(z, −1, 1).
#[derive(Clone, Copy, Debug)]
pub struct HardTanh;

impl Activation for HardTanh {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z.max(V::splat(-1.0)).min(V::splat(1.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        V::splat(1.0).if_greater(y.abs(), V::splat(1.0), V::splat(0.0))
    }
}
