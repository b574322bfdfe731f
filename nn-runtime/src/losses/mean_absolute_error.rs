//! `mae`: the mean over outputs of |y − t|.
//!
//! Gradient: sign(y − t)/N, 0 where they are equal.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel, Vector};

/// The mean over outputs of |y − t|.
pub struct MeanAbsoluteError<'a, const N: usize> {
    /// The output rows.
    pub y: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for MeanAbsoluteError<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        total::<I::Vector, _, N>(Absolute, self.y, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

#[derive(Clone, Copy)]
struct Absolute;

impl Elementwise for Absolute {
    #[inline(always)]
    fn value<V: Vector>(self, y: V, t: V) -> V {
        (y - t).abs()
    }

    #[inline(always)]
    fn value_and_derivative<V: Vector>(self, y: V, t: V) -> (V, V) {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let error = y - t;
        // 0 and NaN stay what they are.
        (error.abs(), error.if_greater(zero, one, zero.if_greater(error, zero - one, error)))
    }
}
