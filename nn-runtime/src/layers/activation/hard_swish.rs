//! `hard_swish`: f(z) = z·clamp(z/6 + 1/2, 0, 1) (Howard et al. 2019).
//!
//! Derivative, from the input: 0 up to −3, z/3 + 1/2 up to 3, then 1.

use super::Activation;
use crate::isa::Vector;

/// f(z) = z·clamp(z/6 + 1/2, 0, 1).
#[derive(Clone, Copy, Debug)]
pub struct HardSwish;

impl Activation for HardSwish {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let share = z.mul_add(V::splat(1.0 / 6.0), V::splat(0.5));
        z * share.max(V::splat(0.0)).min(V::splat(1.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V) -> V {
        let slope = z.mul_add(V::splat(1.0 / 3.0), V::splat(0.5));
        let to_three = V::splat(3.0).if_greater(z, slope, V::splat(1.0));
        z.if_greater(V::splat(-3.0), to_three, V::splat(0.0))
    }
}
