//! `softmax`: y = e^(x − max x) / Σ e^(x − max x), over the numbers of a row.
//!
//! Backward: dx = y·(dy − Σ dy·y).

use crate::each::each;
use crate::isa::{Isa, Kernel, Vector};
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
            let Exponentials { sum, .. } = exponentials::<I::Vector, N>(y);
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
            each!(N, |n| {
                dx[n] = y[n] * dy[n];
            });
            let mean = sum::<I::Vector>(dx);
            each!(N, |n| {
                dx[n] = y[n] * (dy[n] - mean);
            });
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
pub(crate) fn exponentials<V: Vector, const N: usize>(z: &mut [f32; N]) -> Exponentials {
    let maximum = maximum::<V>(z);
    map::<V, _>(ShiftedExp(maximum), z);
    Exponentials { maximum, sum: sum::<V>(z) }
}

#[derive(Clone, Copy)]
struct ShiftedExp(f32);

impl Function for ShiftedExp {
    #[inline(always)]
    fn of<V: Vector>(self, x: V) -> V {
        exp(x - V::splat(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::log_softmax;
    use crate::layers::testing::{Numbers, assert_close, paths};

    /// Value and gradient of softmax and log-softmax against PyTorch's; `gradient` is that of Σ
    /// c·softmax(z).
    fn assert_golden<const N: usize>(z: [f32; N], y: [f32; N], log: [f32; N], c: [f32; N], gradient: [f32; N]) {
        for path in paths() {
            let (mut found, mut found_log, mut dx) = ([[0.0; N]], [[0.0; N]], [[0.0; N]]);
            run_on(path, Forward { x: &[z], y: &mut found });
            run_on(path, log_softmax::Forward { x: &[z], y: &mut found_log });
            run_on(path, Backward { y: &found, dy: &[c], dx: &mut dx });
            for n in 0..N {
                assert_close(found[0][n], f64::from(y[n]), 4);
                assert_close(found_log[0][n], f64::from(log[n]), 4);
                assert_close(dx[0][n], f64::from(gradient[n]), 4);
            }
        }
    }

    #[test]
    fn awkward_points() {
        assert_golden(
            [2.0, 1.0, 0.1],
            [0.659_001_2, 0.242_432_98, 0.098_565_89],
            [-0.417_029_95, -1.417_03, -2.317_03],
            [0.25, 0.5, 0.75],
            [-0.072_418_44, 0.033_966_992, 0.038_451_422],
        );
        assert_golden(
            [-1000.0, 0.0, 1000.0],
            [0.0, 0.0, 1.0],
            [-2000.0, -1000.0, 0.0],
            [0.25, 0.5, 0.75],
            [0.0, 0.0, 0.0],
        );
        assert_golden([7.0], [1.0], [0.0], [0.25], [0.0]);
    }

    /// softmax and its two gradients in f64, over a width and rows that fill no chunk.
    fn check<const N: usize>() {
        let mut numbers = Numbers::new(N as u64);
        let (x, dy) = (numbers.rows::<N>(5), numbers.rows::<N>(5));
        for path in paths() {
            let (mut y, mut dx) = (x.clone(), x.clone());
            run_on(path, Forward { x: &x, y: &mut y });
            run_on(path, Backward { y: &y, dy: &dy, dx: &mut dx });
            let (mut log, mut log_dx) = (x.clone(), x.clone());
            run_on(path, log_softmax::Forward { x: &x, y: &mut log });
            run_on(path, log_softmax::Backward { y: &log, dy: &dy, dx: &mut log_dx });
            for row in 0..5 {
                let sum: f64 = x[row].iter().map(|&x| f64::from(x).exp()).sum();
                let p = |n: usize| f64::from(x[row][n]).exp() / sum;
                let mean: f64 = (0..N).map(|n| p(n) * f64::from(dy[row][n])).sum();
                let total: f64 = dy[row].iter().map(|&dy| f64::from(dy)).sum();
                for n in 0..N {
                    let dy = f64::from(dy[row][n]);
                    assert_close(y[row][n], p(n), N);
                    assert_close(dx[row][n], p(n) * (dy - mean), N);
                    assert_close(log[row][n], p(n).ln(), N);
                    assert_close(log_dx[row][n], dy - p(n) * total, N);
                }
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1>();
        check::<2>();
        check::<7>();
        check::<15>();
        check::<16>();
        check::<17>();
        check::<33>();
        check::<130>();
    }

    #[test]
    fn nan_and_infinity_are_not_hidden() {
        for path in paths() {
            for bad in [f32::NAN, f32::INFINITY] {
                let mut y = [[0.0; 3]];
                run_on(path, Forward { x: &[[0.0, bad, 1.0]], y: &mut y });
                assert!(y[0].iter().any(|y| y.is_nan()), "{path:?}");
            }
        }
    }
}
