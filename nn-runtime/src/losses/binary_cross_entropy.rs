//! `binary_cross_entropy`: the mean over outputs of −[t·ln p + (1 − t)·ln(1 − p)] with p = σ(z),
//! from the logits z: max(z, 0) − z·t + ln(1 + e^−|z|).
//!
//! Gradient: (σ(z) − t)/N, for z.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel, Vector};
use crate::math::{decay, ln_1p_of_unit, sigmoid, sigmoid_by};

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

/// The mean over outputs of −[π·t'·ln σ(z) + (1 − t')·ln(1 − σ(z))] with t' = t·(1 − ε) + ε/2.
pub struct SmoothedBinaryCrossEntropy<'a, const N: usize> {
    /// The logit rows.
    pub logits: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// ε.
    pub smoothing: f32,
    /// π.
    pub positive_weight: f32,
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for SmoothedBinaryCrossEntropy<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        let loss = Smoothed { smoothing: self.smoothing, positive_weight: self.positive_weight };
        total::<I::Vector, _, N>(loss, self.logits, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

/// From the logit: (1 − t')·z + λ·ln(1 + e^−z) with λ = 1 + (π − 1)·t'.
#[derive(Clone, Copy)]
struct Smoothed {
    smoothing: f32,
    positive_weight: f32,
}

impl Smoothed {
    /// 1 − t' and λ.
    #[inline(always)]
    fn weights<V: Vector>(self, t: V) -> (V, V) {
        let one = V::splat(1.0);
        let t = t.mul_add(V::splat(1.0 - self.smoothing), V::splat(0.5 * self.smoothing));
        (one - t, t.mul_add(V::splat(self.positive_weight - 1.0), one))
    }
}

impl Elementwise for Smoothed {
    #[inline(always)]
    fn value<V: Vector>(self, z: V, t: V) -> V {
        let ((negative, lambda), zero) = (self.weights(t), V::splat(0.0));
        negative * z + lambda * ((zero - z).max(zero) + ln_1p_of_unit(decay(z)))
    }

    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, z: V, t: V) -> (V, V) {
        let (negative, lambda) = self.weights(t);
        (self.value(z, t), negative - lambda * sigmoid(V::splat(0.0) - z))
    }
}

#[derive(Clone, Copy)]
struct FromLogit;

impl Elementwise for FromLogit {
    #[inline(always)]
    fn value<V: Vector>(self, z: V, t: V) -> V {
        let zero = V::splat(0.0);
        (z.max(zero) - z * t) + ln_1p_of_unit(decay(z))
    }

    /// By one exponential.
    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, z: V, t: V) -> (V, V) {
        let (decay, zero) = (decay(z), V::splat(0.0));
        let derivative = sigmoid_by(z, decay) - t;
        ((z.max(zero) - z * t) + ln_1p_of_unit(decay), derivative)
    }
}
