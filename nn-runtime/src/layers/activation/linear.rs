//! `linear`: f(z) = z.
//!
//! Derivative, from the output: 1.

use super::Activation;
use crate::isa::Vector;

/// f(z) = z.
#[derive(Clone, Copy, Debug)]
pub struct Linear;

impl Activation for Linear {
    const IS_IDENTITY: bool = true;

    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        z
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, _: V) -> V {
        V::splat(1.0)
    }
}
