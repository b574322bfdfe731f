//! `prelu(init, shared)`: y = x where x > 0, else slope·x, with one learnable slope per feature, or
//! one in all (He et al. 2015).
//!
//! Backward: dx = dy where x > 0, else slope·dy; dslope += Σ dy·x over the numbers that are not
//! above 0.

use crate::isa::{Isa, Kernel};

/// y = x where x > 0, else slope·x. `S` is `N`, or 1 where the slope is shared.
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
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            for n in 0..N {
                let below = slope(self.slope, n) * x[n];
                y[n] = if x[n] > 0.0 { x[n] } else { below };
            }
        }
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
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            for n in 0..N {
                let below = slope(self.slope, n) * dy[n];
                dx[n] = if x[n] > 0.0 { dy[n] } else { below };
                self.dslope[if S == 1 { 0 } else { n }] += if x[n] > 0.0 { 0.0 } else { dy[n] * x[n] };
            }
        }
    }
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
                    let s = if S == 1 { 0 } else { n };
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
    }
}
