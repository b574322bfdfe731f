//! `hard_sigmoid`: f(z) = clamp(z/6 + 1/2, 0, 1).
//!
//! Derivative, from the output: 1/6 where 0 < y < 1, else 0.

use super::Activation;
use crate::isa::Vector;

/// f(z) = clamp(z/6 + 1/2, 0, 1).
#[derive(Clone, Copy, Debug)]
pub struct HardSigmoid;

impl Activation for HardSigmoid {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let line = z.mul_add(V::splat(1.0 / 6.0), V::splat(0.5));
        line.max(V::splat(0.0)).min(V::splat(1.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        let zero = V::splat(0.0);
        y.if_greater(zero, V::splat(1.0).if_greater(y, V::splat(1.0 / 6.0), zero), zero)
    }
}
