//! `softmax`: y = e^(x − max x) / Σ e^(x − max x), over the numbers of a row.
//!
//! Backward: dx = y·(dy − Σ dy·y).

use crate::isa::{Isa, Kernel};
use crate::math::{Function, exp, map, maximum, sum};

/// y = softmax(x), row by row.
pub struct Forward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Forward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.y.copy_from_slice(self.x);
        for y in self.y {
            let Exponentials { sum, .. } = exponentials::<I, N>(y);
            for y in y {
                *y /= sum;
            }
        }
    }
}

/// dx = y·(dy − Σ dy·y), row by row.
pub struct Backward<'a, const N: usize> {
    /// The output of the forward pass.
    pub y: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Backward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.y.len() == self.dy.len() && self.y.len() == self.dx.len(), "equally many rows");
        for ((y, dy), dx) in self.y.iter().zip(self.dy).zip(self.dx) {
            for n in 0..N {
                dx[n] = y[n] * dy[n];
            }
            let mean = sum(dx);
            for n in 0..N {
                dx[n] = y[n] * (dy[n] - mean);
            }
        }
    }
}

/// What [`exponentials`] finds on its way.
pub(crate) struct Exponentials {
    /// The largest number.
    pub maximum: f32,
    /// The sum of the exponentials, at least 1.
    pub sum: f32,
}

/// z ← e^(z − max z).
#[inline(always)]
pub(crate) fn exponentials<I: Isa, const N: usize>(z: &mut [f32; N]) -> Exponentials {
    let maximum = maximum(z);
    map::<I, _>(ShiftedExp(maximum), z);
    Exponentials { maximum, sum: sum(z) }
}

#[derive(Clone, Copy)]
struct ShiftedExp(f32);

impl Function for ShiftedExp {
    #[inline(always)]
    fn of<I: Isa>(self, x: f32) -> f32 {
        exp::<I>(x - self.0)
    }
}
