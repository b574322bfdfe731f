//! `normalize`: y = (x − mean)/deviation per feature, with the mean and the standard deviation of
//! the training rows.
//!
//! Both are taken before the first step: [`Observe`] runs over the rows, any number at a time, then
//! [`finish`] turns the sums of squares into deviations.
//!
//! Backward: dx = dy/deviation.

use crate::isa::{Isa, Kernel};
use crate::math::sqrt;

/// y = (x − mean)/deviation.
pub struct Forward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The mean of every feature.
    pub mean: &'a [f32; N],
    /// The deviation of every feature, never 0.
    pub deviation: &'a [f32; N],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Forward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            for n in 0..N {
                y[n] = (x[n] - self.mean[n]) / self.deviation[n];
            }
        }
    }
}

/// dx = dy/deviation.
pub struct Backward<'a, const N: usize> {
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The deviation of every feature, never 0.
    pub deviation: &'a [f32; N],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Backward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.dy.len(), self.dx.len(), "equally many rows");
        for (dy, dx) in self.dy.iter().zip(self.dx) {
            for n in 0..N {
                dx[n] = dy[n] / self.deviation[n];
            }
        }
    }
}

/// Merges the moments of some rows into those of the rows before them (Chan, Golub & LeVeque 1983):
/// the mean, and the sum of squared deviations from it. Computed in f64: a feature's mean may be
/// large beside its deviation.
pub struct Observe<'a, const N: usize> {
    /// The rows.
    pub x: &'a [[f32; N]],
    /// Rows before these. With 0 the moments need not hold anything.
    pub seen: usize,
    /// The mean of every feature, moved.
    pub mean: &'a mut [f32; N],
    /// The sum of squared deviations of every feature, moved.
    pub squares: &'a mut [f32; N],
}

impl<const N: usize> Kernel for Observe<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        if self.x.is_empty() {
            return;
        }
        let seen = self.seen as f64;
        let rows = self.x.len() as f64;
        let mut mean = [0.0f64; N];
        for x in self.x {
            for n in 0..N {
                mean[n] += f64::from(x[n]);
            }
        }
        let mut squares = [0.0f64; N];
        for n in 0..N {
            mean[n] /= rows;
        }
        for x in self.x {
            for n in 0..N {
                let deviation = f64::from(x[n]) - mean[n];
                squares[n] += deviation * deviation;
            }
        }
        for n in 0..N {
            let (before, squares_before) =
                if self.seen == 0 { (0.0, 0.0) } else { (f64::from(self.mean[n]), f64::from(self.squares[n])) };
            let apart = mean[n] - before;
            self.mean[n] = (before + apart * rows / (seen + rows)) as f32;
            self.squares[n] = (squares_before + squares[n] + apart * apart * seen * rows / (seen + rows)) as f32;
        }
    }
}

/// Turns the sums of squared deviations of so many rows into population standard deviations; 1 for
/// a feature that is the same in all rows, so that dividing by it changes nothing.
pub fn finish<const N: usize>(rows: usize, deviation: &mut [f32; N]) {
    for deviation in deviation {
        let root = sqrt(*deviation / rows.max(1) as f32);
        *deviation = if root == 0.0 { 1.0 } else { root };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, assert_close, paths};

    #[test]
    fn moments_add_up_however_the_rows_are_cut() {
        const N: usize = 5;
        let mut x = Numbers::new(4).rows::<N>(100);
        for row in &mut x {
            // A mean that is large beside the deviation, and a feature that never changes.
            row[1] += 1000.0;
            row[2] = 0.3;
        }
        for path in paths() {
            for parts in [vec![100], vec![1, 99], vec![33, 0, 33, 34]] {
                let (mut mean, mut deviation, mut seen) = ([f32::NAN; N], [f32::NAN; N], 0);
                for rows in parts {
                    let part = &x[seen..seen + rows];
                    run_on(path, Observe { x: part, seen, mean: &mut mean, squares: &mut deviation });
                    seen += rows;
                }
                finish(seen, &mut deviation);
                assert_eq!(deviation[2], 1.0);
                for n in [0, 1, 3, 4] {
                    let column = || x.iter().map(|x| f64::from(x[n]));
                    let exact = column().sum::<f64>() / 100.0;
                    assert_close(mean[n], exact, 4);
                    let variance = column().map(|x| (x - exact).powi(2)).sum::<f64>() / 100.0;
                    assert_close(deviation[n], variance.sqrt(), 4);
                }
            }
        }
    }

    #[test]
    fn forward_and_backward() {
        for path in paths() {
            let (mut y, mut dx) = ([[0.0; 2]], [[0.0; 2]]);
            run_on(path, Forward { x: &[[3.0, 5.0]], mean: &[1.0, 2.0], deviation: &[2.0, 4.0], y: &mut y });
            run_on(path, Backward { dy: &[[3.0, 5.0]], deviation: &[2.0, 4.0], dx: &mut dx });
            assert_eq!((y, dx), ([[1.0, 0.75]], [[1.5, 1.25]]));
        }
    }
}
