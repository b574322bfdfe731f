//! `mse`: the mean over outputs of (y − t)².
//!
//! Gradient: 2·(y − t)/N.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel, Vector};

/// The mean over outputs of (y − t)².
pub struct MeanSquaredError<'a, const N: usize> {
    /// The output rows.
    pub y: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for MeanSquaredError<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        total::<I::Vector, _, N>(Square, self.y, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

/// (y − t)².
#[derive(Clone, Copy)]
pub(super) struct Square;

impl Elementwise for Square {
    #[inline(always)]
    fn value<V: Vector>(self, y: V, t: V) -> V {
        let error = y - t;
        error * error
    }

    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, y: V, t: V) -> (V, V) {
        (self.value(y, t), V::splat(2.0) * (y - t))
    }
}
