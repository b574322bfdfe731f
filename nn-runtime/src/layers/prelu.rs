//! `prelu(init, shared)`: y = x where x > 0, else slope·x, with one learnable slope per feature
//! (per channel for images), or one in all (He et al. 2015).
//!
//! Backward: dx = dy where x > 0, else slope·dy; dslope += Σ dy·x over the numbers that are not
//! above 0.
//!
//! A row of `N` numbers has `S` slopes, each for `N / S` numbers that lie together. Where that is
//! one number, or there is one slope, numbers are walked side by side; else by vectors of a
//! channel.

use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};

/// y = x where x > 0, else slope·x.
pub struct Forward<'a, const N: usize, const S: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The slopes.
    pub slope: &'a [f32; S],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize, const S: usize> Kernel for Forward<'_, N, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(S), "equally many numbers for each slope") };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            if S == N || S == 1 {
                each!(N, |n| {
                    let below = slope(self.slope, n) * x[n];
                    y[n] = if x[n] > 0.0 { x[n] } else { below };
                });
            } else {
                each!(S, |s| {
                    bend::<I>(&x[N / S * s..][..N / S], self.slope[s], &mut y[N / S * s..][..N / S]);
                });
            }
        }
    }
}

/// y = x where x > 0, else slope·x.
#[inline(always)]
fn bend<I: Isa>(x: &[f32], slope: f32, y: &mut [f32]) {
    let (zero, slope) = (I::Vector::splat(0.0), I::Vector::splat(slope));
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks_mut::<LANES>());
    for (x, y) in x.iter().zip(y) {
        let x = I::Vector::load(x);
        x.if_greater(zero, x, slope * x).store(y);
    }
    if !x_rest.is_empty() {
        let x = I::Vector::load_part(x_rest);
        x.if_greater(zero, x, slope * x).store_part(y_rest);
    }
}

/// dx and dslope.
pub struct Backward<'a, const N: usize, const S: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The slopes.
    pub slope: &'a [f32; S],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The gradient of the slopes, added to.
    pub dslope: &'a mut [f32; S],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize, const S: usize> Kernel for Backward<'_, N, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(S), "equally many numbers for each slope") };
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            if S == N || S == 1 {
                each!(N, |n| {
                    let below = slope(self.slope, n) * dy[n];
                    dx[n] = if x[n] > 0.0 { dy[n] } else { below };
                    self.dslope[if S == 1 { 0 } else { n }] += if x[n] > 0.0 { 0.0 } else { dy[n] * x[n] };
                });
            } else {
                each!(S, |s| {
                    let (x, dy) = (&x[N / S * s..][..N / S], &dy[N / S * s..][..N / S]);
                    self.dslope[s] += bend_back::<I>(x, dy, self.slope[s], &mut dx[N / S * s..][..N / S]);
                });
            }
        }
    }
}

/// dx = dy where x > 0, else slope·dy; Σ dy·x where x is not above 0.
#[inline(always)]
fn bend_back<I: Isa>(x: &[f32], dy: &[f32], slope: f32, dx: &mut [f32]) -> f32 {
    let (zero, slope) = (I::Vector::splat(0.0), I::Vector::splat(slope));
    let ((x, x_rest), (dy, dy_rest)) = (x.as_chunks::<LANES>(), dy.as_chunks::<LANES>());
    let (dx, dx_rest) = dx.as_chunks_mut::<LANES>();
    let mut sum = zero;
    for ((x, dy), dx) in x.iter().zip(dy).zip(dx) {
        let (x, dy) = (I::Vector::load(x), I::Vector::load(dy));
        x.if_greater(zero, dy, slope * dy).store(dx);
        sum = sum + x.if_greater(zero, zero, dy * x);
    }
    if !x_rest.is_empty() {
        let (x, dy) = (I::Vector::load_part(x_rest), I::Vector::load_part(dy_rest));
        x.if_greater(zero, dy, slope * dy).store_part(dx_rest);
        sum = sum + x.if_greater(zero, zero, dy * x);
    }
    sum.sum()
}

#[inline(always)]
fn slope<const S: usize>(slope: &[f32; S], n: usize) -> f32 {
    slope[if S == 1 { 0 } else { n }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, assert_close, paths};

    fn check<const N: usize, const S: usize>() {
        let mut numbers = Numbers::new(N as u64);
        let (mut x, dy, slopes) = (numbers.rows::<N>(7), numbers.rows::<N>(7), numbers.row::<S>());
        x[3][0] = 0.0;
        for path in paths() {
            let (mut y, mut dx, mut dslope) = (x.clone(), x.clone(), [1.0; S]);
            run_on(path, Forward { x: &x, slope: &slopes, y: &mut y });
            run_on(path, Backward { x: &x, slope: &slopes, dy: &dy, dslope: &mut dslope, dx: &mut dx });
            let mut expected = [1.0; S];
            for (row, x) in x.iter().enumerate() {
                for n in 0..N {
                    let s = n / (N / S);
                    let factor = if x[n] > 0.0 { 1.0 } else { slopes[s] };
                    assert_eq!(y[row][n], factor * x[n]);
                    assert_eq!(dx[row][n], factor * dy[row][n]);
                    expected[s] += f64::from(x[n].min(0.0)) * f64::from(dy[row][n]);
                }
            }
            for s in 0..S {
                assert_close(dslope[s], expected[s], 7 * N / S);
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1, 1>();
        check::<7, 1>();
        check::<7, 7>();
        check::<33, 33>();
        check::<65, 1>();
        check::<4, 2>();
        check::<50, 2>();
        check::<153, 17>();
    }
}
