//! `mae`: the mean over outputs of |y − t|.
//!
//! Gradient: sign(y − t)/N, 0 where they are equal.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel};
use crate::math::sign;

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
        total::<I, _, N>(Absolute, self.y, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

#[derive(Clone, Copy)]
struct Absolute;

impl Elementwise for Absolute {
    #[inline(always)]
    fn value<I: Isa>(self, y: f32, t: f32) -> f64 {
        (f64::from(y) - f64::from(t)).abs()
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32, t: f32) -> f32 {
        sign(y - t)
    }
}
