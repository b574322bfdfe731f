//! `leaky_relu(slope)`: f(z) = z where z > 0, else slope·z.
//!
//! Derivative, from the output (whose sign is that of z, since slope ≥ 0): 1 where y > 0, else
//! slope (also at 0).

use super::Activation;
use crate::isa::Vector;

/// f(z) = z where z > 0, else slope·z.
#[derive(Clone, Copy, Debug)]
pub struct LeakyRelu {
    /// The factor of negative numbers, at least 0.
    pub slope: f32,
}

impl Activation for LeakyRelu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z.if_greater(V::splat(0.0), z, V::splat(self.slope) * z)
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(self.slope))
    }
}
