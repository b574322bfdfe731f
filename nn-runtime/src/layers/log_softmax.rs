//! `log_softmax`: y = (x − max x) − ln Σ e^(x − max x), over the numbers of a row.
//!
//! Backward: dx = dy − e^y·Σ dy.

use super::softmax::exponentials;
use crate::each::each;
use crate::isa::{Isa, Kernel, Vector};
use crate::math::{Function, exp, map, sum};

/// y = log softmax(x), row by row.
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
        for (x, y) in self.x.iter().zip(self.y) {
            let found = exponentials::<I::Vector, N>(y);
            let logarithm = libm::logf(found.sum);
            each!(N, |n| {
                y[n] = (x[n] - found.maximum) - logarithm;
            });
        }
    }
}

/// dx = dy − e^y·Σ dy, row by row.
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
            let total = sum::<I::Vector>(dy);
            *dx = *y;
            map::<I::Vector, _>(Exp, dx);
            each!(N, |n| {
                dx[n] = dy[n] - dx[n] * total;
            });
        }
    }
}

#[derive(Clone, Copy)]
struct Exp;

impl Function for Exp {
    #[inline(always)]
    fn of<V: Vector>(self, x: V) -> V {
        exp(x)
    }
}
