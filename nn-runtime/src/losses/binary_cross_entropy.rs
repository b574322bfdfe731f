//! `binary_cross_entropy`: the mean over outputs of −[t·ln p + (1 − t)·ln(1 − p)] with p = σ(z),
//! from the logits z: max(z, 0) − z·t + ln(1 + e^−|z|).
//!
//! Gradient: (σ(z) − t)/N, for z.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel, Vector};
use crate::math::{sigmoid, softplus};

/// The mean over outputs of −[t·ln σ(z) + (1 − t)·ln(1 − σ(z))].
pub struct BinaryCrossEntropy<'a, const N: usize> {
    /// The logit rows.
    pub logits: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for BinaryCrossEntropy<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        total::<I::Vector, _, N>(FromLogit, self.logits, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

#[derive(Clone, Copy)]
struct FromLogit;

impl Elementwise for FromLogit {
    #[inline(always)]
    fn value<V: Vector>(self, z: V, t: V) -> V {
        let zero = V::splat(0.0);
        (z.max(zero) - z * t) + softplus(zero - z.abs())
    }

    #[inline(always)]
    fn derivative<V: Vector>(self, z: V, t: V) -> V {
        sigmoid(z) - t
    }
}
