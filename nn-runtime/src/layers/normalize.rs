//! `normalize`: y = (x − mean)/deviation per feature, with the mean and the standard deviation of
//! the training rows. The deviation is the biased one: the root of Σ(x − mean)²/n.
//!
//! A row of `N` numbers has `C` features, with `N / C` numbers each that lie together: one, or the
//! positions of a channel of a sequence or an image.
//!
//! Both are taken before the first step: [`Observe`] runs over the rows, any number at a time, then
//! [`Moments::finish`] turns the sums into means and deviations.
//!
//! Backward: dx = dy/deviation.

use crate::each::each;
use crate::isa::{Isa, Kernel};

/// y = (x − mean)/deviation.
pub struct Forward<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The mean of every feature.
    pub mean: &'a [f32; C],
    /// The deviation of every feature, never 0.
    pub deviation: &'a [f32; C],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize> Kernel for Forward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            each!(C, |c| {
                for n in places::<N, C>(c) {
                    y[n] = (x[n] - self.mean[c]) / self.deviation[c];
                }
            });
        }
    }
}

/// dx = dy/deviation.
pub struct Backward<'a, const N: usize, const C: usize> {
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The deviation of every feature, never 0.
    pub deviation: &'a [f32; C],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize> Kernel for Backward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert_eq!(self.dy.len(), self.dx.len(), "equally many rows");
        for (dy, dx) in self.dy.iter().zip(self.dx) {
            each!(C, |c| {
                for n in places::<N, C>(c) {
                    dx[n] = dy[n] / self.deviation[c];
                }
            });
        }
    }
}

/// The numbers of a feature in a row.
#[inline(always)]
const fn places<const N: usize, const C: usize>(feature: usize) -> core::ops::Range<usize> {
    N / C * feature..N / C * (feature + 1)
}

/// What is known of `B` features after some rows: sums, in f64, of what their numbers are away from
/// the first of them.
///
/// Squares of any two f32 neither overflow nor vanish in f64, so columns of any unit come out
/// right. The first number is one of those observed, so what is lost where it is far from the mean
/// is at most n·10⁻¹⁶ of the variance. Rows are added one after the other, so the bits do not
/// depend on how they are cut into chunks.
pub struct Moments<const B: usize> {
    /// Which feature of the layer is the first.
    first: usize,
    /// Numbers of each feature so far.
    count: usize,
    start: [f32; B],
    sums: [f64; B],
    squares: [f64; B],
}

impl<const B: usize> Moments<B> {
    /// Before the first row, of the features from `first` on.
    pub fn new(first: usize) -> Self {
        Self { first, count: 0, start: [0.0; B], sums: [0.0; B], squares: [0.0; B] }
    }

    /// Writes means and biased deviations, of those of `C` features that these are. A feature whose
    /// numbers are all equal has deviation 1, so that dividing by it changes nothing; no other
    /// deviation is 0, however small.
    pub fn finish<const C: usize>(&self, mean: &mut [f32; C], deviation: &mut [f32; C]) {
        let count = self.count.max(1) as f64;
        each!(B.min(C - self.first), |b| {
            let c = self.first + b;
            let away = self.sums[b] / count;
            mean[c] = (f64::from(self.start[b]) + away) as f32;
            deviation[c] = if self.squares[b] == 0.0 {
                1.0
            } else {
                let variance = (self.squares[b] / count - away * away).max(0.0);
                (libm::sqrt(variance) as f32).max(f32::from_bits(1))
            };
        });
    }
}

/// Adds rows to the moments of some of their features.
pub struct Observe<'a, const N: usize, const C: usize, const B: usize> {
    /// The rows.
    pub x: &'a [[f32; N]],
    /// The moments, which may be of fewer features than the layer has.
    pub moments: &'a mut Moments<B>,
}

impl<const N: usize, const C: usize, const B: usize> Kernel for Observe<'_, N, C, B> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        let moments = self.moments;
        let features = B.min(C - moments.first);
        for x in self.x {
            if moments.count == 0 {
                each!(features, |b| {
                    moments.start[b] = x[N / C * (moments.first + b)];
                });
            }
            each!(features, |b| {
                for n in places::<N, C>(moments.first + b) {
                    let away = f64::from(x[n]) - f64::from(moments.start[b]);
                    moments.sums[b] += away;
                    moments.squares[b] += away * away;
                }
            });
            moments.count += N / C;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Path, run_on};
    use crate::layers::testing::{Numbers, assert_close, paths};

    /// Mean and deviation of rows that come in parts, `B` features at a time.
    fn observed<const N: usize, const C: usize, const B: usize>(
        path: Path,
        x: &[[f32; N]],
        parts: &[usize],
    ) -> ([f32; C], [f32; C]) {
        let (mut mean, mut deviation) = ([f32::NAN; C], [f32::NAN; C]);
        for first in (0..C).step_by(B) {
            let mut moments = Moments::<B>::new(first);
            let mut rest = x;
            for rows in parts {
                let (part, others) = rest.split_at(*rows);
                run_on(path, Observe::<N, C, B> { x: part, moments: &mut moments });
                rest = others;
            }
            assert!(rest.is_empty());
            moments.finish(&mut mean, &mut deviation);
        }
        (mean, deviation)
    }

    /// The numbers of each feature.
    fn features<const N: usize, const C: usize>(x: &[[f32; N]]) -> Vec<Vec<f64>> {
        let of = |c| x.iter().flat_map(move |x| x[N / C * c..N / C * (c + 1)].iter().copied().map(f64::from)).collect();
        (0..C).map(of).collect()
    }

    fn check<const N: usize, const C: usize>(x: &[[f32; N]]) {
        let rows = x.len();
        for path in paths() {
            let (mean, deviation) = observed::<N, C, C>(path, x, &[rows]);
            for (c, numbers) in features::<N, C>(x).iter().enumerate() {
                let count = numbers.len() as f64;
                let exact = numbers.iter().sum::<f64>() / count;
                let variance = numbers.iter().map(|x| (x - exact).powi(2)).sum::<f64>() / count;
                assert_close(mean[c], exact, 1);
                assert_close(deviation[c], variance.sqrt(), 1);
            }
            let bits = |(mean, deviation): ([f32; C], [f32; C])| (mean.map(f32::to_bits), deviation.map(f32::to_bits));
            let whole = bits((mean, deviation));
            for parts in [vec![1, rows - 1], vec![0, 33, rows - 34, 1], vec![1; rows]] {
                assert_eq!(bits(observed::<N, C, C>(path, x, &parts)), whole, "{path:?}: {parts:?}");
                assert_eq!(bits(observed::<N, C, 2>(path, x, &parts)), whole, "{path:?}: two features at a time");
            }
        }
    }

    #[test]
    fn moments_are_exact_however_the_rows_are_cut() {
        let mut x = Numbers::new(4).rows::<5>(100);
        for row in &mut x {
            // A mean that is large beside the deviation, and a unit beside which the others vanish.
            row[1] += 1000.0;
            row[2] *= 1e30;
        }
        // A first number that is far from all others.
        x[0][4] = 1e6;
        check::<5, 5>(&x);
    }

    #[test]
    fn the_features_of_images_are_their_channels() {
        check::<12, 3>(&Numbers::new(5).rows::<12>(40));
        check::<7, 1>(&Numbers::new(6).rows::<7>(36));
    }

    #[test]
    fn units_do_not_matter() {
        let plain = Numbers::new(7).rows::<1>(200);
        for path in paths() {
            for power in [-130, -100, -90, 0, 90, 100, 120] {
                let unit = 2.0f64.powi(power) as f32;
                let scaled: Vec<[f32; 1]> = plain.iter().map(|row| row.map(|x| x * unit)).collect();
                let (one, scaled) =
                    (observed::<1, 1, 1>(path, &plain, &[200]), observed::<1, 1, 1>(path, &scaled, &[200]));
                // Powers of two, so the same bits, but for numbers that are subnormal in their
                // unit.
                let bits = if power < -110 { 1 << 10 } else { 1 };
                assert_close(scaled.0[0] / unit, f64::from(one.0[0]), bits);
                assert_close(scaled.1[0] / unit, f64::from(one.1[0]), bits);
            }
        }
    }

    #[test]
    fn a_feature_is_constant_where_all_its_numbers_are_equal() {
        for path in paths() {
            for number in [0.0, 0.1, 0.3, -1e30, 1e-40, f32::MAX] {
                let (mean, deviation) = observed::<1, 1, 1>(path, &[[number]; 37], &[37]);
                assert_eq!((mean, deviation), ([number], [1.0]));
            }
            for (low, high) in [(1.0, 1.0f32.next_up()), (0.0, f32::from_bits(1)), (0.0, 1e-40), (f32::MIN, f32::MAX)] {
                let (mean, deviation) = observed::<1, 1, 1>(path, &[[low], [high]], &[2]);
                let half = (f64::from(high) - f64::from(low)) / 2.0;
                assert!(mean[0] >= low && mean[0] <= high, "{mean:?}");
                assert_eq!(deviation, [(half as f32).max(f32::from_bits(1))]);
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
            let (mut y, mut dx) = ([[0.0; 4]], [[0.0; 4]]);
            let x = [[3.0, 5.0, 6.0, 10.0]];
            run_on(path, Forward { x: &x, mean: &[1.0, 2.0], deviation: &[2.0, 4.0], y: &mut y });
            run_on(path, Backward { dy: &x, deviation: &[2.0, 4.0], dx: &mut dx });
            assert_eq!((y, dx), ([[1.0, 2.0, 1.0, 2.0]], [[1.5, 2.5, 1.5, 2.5]]));
        }
    }
}
