//! `huber(delta)`: the mean over outputs of (y − t)²/2 where |y − t| ≤ δ, else δ·(|y − t| − δ/2).
//!
//! Gradient: clamp(y − t, −δ, δ)/N.

use super::elementwise::{Elementwise, total};
use crate::isa::{Isa, Kernel};

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
        total::<I, _, N>(Bend(self.delta), self.y, self.targets, 1.0 / N as f32, self.scale, self.gradient)
    }
}

#[derive(Clone, Copy)]
struct Bend(f32);

impl Elementwise for Bend {
    #[inline(always)]
    fn value<I: Isa>(self, y: f32, t: f32) -> f64 {
        let error = (f64::from(y) - f64::from(t)).abs();
        let delta = f64::from(self.0);
        if error <= delta { 0.5 * error * error } else { delta * (error - 0.5 * delta) }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32, t: f32) -> f32 {
        // Not `clamp`, which panics where δ is negative or NaN.
        let error = y - t;
        if error > self.0 {
            self.0
        } else if error < -self.0 {
            -self.0
        } else {
            error
        }
    }
}
