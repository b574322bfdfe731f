//! `huber(delta)`: the mean over outputs of (y − t)²/2 where |y − t| ≤ δ, else δ·(|y − t| − δ/2).
//!
//! Gradient: clamp(y − t, −δ, δ)/N.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel, Vector};

/// The mean over outputs of the Huber loss.
pub struct Huber<'a, const N: usize> {
    /// The output rows.
    pub y: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// δ, above 0.
    pub delta: f32,
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for Huber<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        total::<I::Vector, _, N>(Bend(self.delta), self.y, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

#[derive(Clone, Copy)]
struct Bend(f32);

impl Elementwise for Bend {
    #[inline(always)]
    fn value<V: Vector>(self, y: V, t: V) -> V {
        let (error, delta, half) = ((y - t).abs(), V::splat(self.0), V::splat(0.5));
        error.if_greater(delta, delta * (error - half * delta), half * error * error)
    }

    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, y: V, t: V) -> (V, V) {
        let delta = V::splat(self.0);
        (self.value(y, t), (y - t).max(V::splat(0.0) - delta).min(delta))
    }
}
