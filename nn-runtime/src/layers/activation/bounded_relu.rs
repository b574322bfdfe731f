//! `relu(max: …)`: f(z) = clamp(z, 0, max); with 6 it is relu6 (Howard et al. 2017).
//!
//! Derivative, from the output: 1 where 0 < y < max, else 0.

use super::Activation;
use crate::isa::Vector;

/// f(z) = clamp(z, 0, max).
#[derive(Clone, Copy, Debug)]
pub struct BoundedRelu {
    /// The largest value, above 0.
    pub max: f32,
}

impl Activation for BoundedRelu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z.max(V::splat(0.0)).min(V::splat(self.max))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        let below = V::splat(self.max).if_greater(y, V::splat(1.0), V::splat(0.0));
        y.if_greater(V::splat(0.0), below, V::splat(0.0))
    }
}
