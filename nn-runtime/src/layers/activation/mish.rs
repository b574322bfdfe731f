//! `mish`: f(z) = z·tanh(ln(1 + eᶻ)) (Misra 2019).
//!
//! With e = eᶻ and n = e·(e + 2), tanh(ln(1 + e)) is n/(n + 2): no logarithm, and nothing cancels.
//! Derivative, from the input: n/(n + 2) + z·4·e·(1 + e)/(n + 2)².

use super::Activation;
use crate::isa::Vector;
use crate::math::exp;

/// f(z) = z·tanh(ln(1 + eᶻ)).
#[derive(Clone, Copy, Debug)]
pub struct Mish;

/// eᶻ and n. Beyond 20 the share n/(n + 2) is 1 in this precision.
#[inline(always)]
fn powers<V: Vector>(z: V) -> (V, V) {
    let e = exp(z.min(V::splat(20.0)));
    (e, e * (e + V::splat(2.0)))
}

impl Activation for Mish {
    #[inline(always)]
    fn value<V: Vector>(self, z: V) -> V {
        let (_, n) = powers(z);
        z * n.quotient(n + V::splat(2.0))
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V) -> V {
        let (e, n) = powers(z);
        let inverse = V::splat(1.0).quotient(n + V::splat(2.0));
        let slope = V::splat(4.0) * e * (V::splat(1.0) + e) * inverse * inverse;
        z.mul_add(slope, n * inverse)
    }
}
