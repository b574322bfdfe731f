//! `relu`: f(z) = max(z, 0).
//!
//! Derivative, from the output: 1 where y > 0, else 0 (and so 0 at 0, as in PyTorch).

use super::Activation;
use crate::isa::Vector;

/// f(z) = max(z, 0).
#[derive(Clone, Copy, Debug)]
pub struct Relu;

impl Activation for Relu {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z.max(V::splat(0.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, y: V) -> V {
        y.if_greater(V::splat(0.0), V::splat(1.0), V::splat(0.0))
    }
}
