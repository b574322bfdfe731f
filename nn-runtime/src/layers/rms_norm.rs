//! `rms_norm(eps)`: y = γ·x̂ with x̂ = x·r and r = 1/√(mean(x²) + ε), over the channels of each
//! position (Zhang & Sennrich 2019). γ has one number for each of the C channels; a row without
//! positions has one.
//!
//! Backward, with g = γ·dy: dγ += Σ dy·x̂ over rows and positions; dx = r·(g − x̂·mean(g·x̂)). r is
//! computed again, which takes less than to keep it.

use super::sums::squares_of;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::sqrt;

/// Divides the channels of each position by their root mean square.
pub struct Forward<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// ε.
    pub eps: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize> Kernel for Forward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            if N == C {
                along_channels::<I>(x, self.gamma, self.eps, y);
            } else {
                along_positions::<I, C>(x, self.gamma, self.eps, y);
            }
        }
    }
}

/// One position: channels lie side by side.
#[inline(always)]
fn along_channels<I: Isa>(x: &[f32], gamma: &[f32], eps: f32, y: &mut [f32]) {
    let inverse = I::Vector::splat(inverse::<I>(x, eps));
    for at in (0..x.len()).step_by(LANES) {
        (I::Vector::load_at(x, at) * inverse * I::Vector::load_at(gamma, at)).store_at(y, at);
    }
}

/// Several positions: sixteen of them at a time.
#[inline(always)]
fn along_positions<I: Isa, const C: usize>(x: &[f32], gamma: &[f32; C], eps: f32, y: &mut [f32]) {
    let positions = x.len() / C;
    for at in (0..positions).step_by(LANES) {
        let inverse = inverses::<I, C>(x, eps, at);
        for (c, gamma) in gamma.iter().enumerate() {
            let normalized = I::Vector::load_at(channel(x, c, positions), at) * inverse;
            let y = &mut y[positions * c..][..positions];
            (normalized * I::Vector::splat(*gamma)).store_at(y, at);
        }
    }
}

/// r of a row without positions.
#[inline(always)]
fn inverse<I: Isa>(x: &[f32], eps: f32) -> f32 {
    1.0 / sqrt(squares_of::<I>(x, 0.0).sum() / x.len() as f32 + eps)
}

/// r of the positions from one on.
#[inline(always)]
fn inverses<I: Isa, const C: usize>(x: &[f32], eps: f32, at: usize) -> I::Vector {
    let mut squares = I::Vector::splat(0.0);
    each!(C, |c| {
        let x = I::Vector::load_at(channel(x, c, x.len() / C), at);
        squares = x.mul_add(x, squares);
    });
    let root = squares.mul_add(I::Vector::splat(1.0 / C as f32), I::Vector::splat(eps)).sqrt();
    I::Vector::splat(1.0).quotient(root)
}

/// The numbers of a channel.
#[inline(always)]
fn channel(row: &[f32], c: usize, positions: usize) -> &[f32] {
    &row[positions * c..][..positions]
}

/// The gradients.
pub struct Backward<'a, const N: usize, const C: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// ε.
    pub eps: f32,
    /// The gradient of γ, added to.
    pub dgamma: &'a mut [f32; C],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize> Kernel for Backward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            let row = Row { x, dy, eps: self.eps };
            if N == C {
                row.along_channels::<I>(self.gamma, self.dgamma, dx);
            } else {
                row.along_positions::<I, C>(self.gamma, self.dgamma, dx);
            }
        }
    }
}

/// What the gradients of a row are computed from.
struct Row<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    eps: f32,
}

impl Row<'_> {
    #[inline(always)]
    fn along_channels<I: Isa>(&self, gamma: &[f32], dgamma: &mut [f32], dx: &mut [f32]) {
        let inverse = I::Vector::splat(inverse::<I>(self.x, self.eps));
        let mut along = I::Vector::splat(0.0);
        for at in (0..dx.len()).step_by(LANES) {
            let (dy, normalized) = (I::Vector::load_at(self.dy, at), I::Vector::load_at(self.x, at) * inverse);
            dy.mul_add(normalized, I::Vector::load_at(dgamma, at)).store_at(dgamma, at);
            along = (I::Vector::load_at(gamma, at) * dy).mul_add(normalized, along);
        }
        let along = I::Vector::splat(along.sum() / dx.len() as f32);
        for at in (0..dx.len()).step_by(LANES) {
            let g = I::Vector::load_at(gamma, at) * I::Vector::load_at(self.dy, at);
            let normalized = I::Vector::load_at(self.x, at) * inverse;
            (inverse * normalized.negative_mul_add(along, g)).store_at(dx, at);
        }
    }

    #[inline(always)]
    fn along_positions<I: Isa, const C: usize>(&self, gamma: &[f32; C], dgamma: &mut [f32; C], dx: &mut [f32]) {
        let positions = dx.len() / C;
        for at in (0..positions).step_by(LANES) {
            let inverse = inverses::<I, C>(self.x, self.eps, at);
            let mut along = I::Vector::splat(0.0);
            each!(C, |c| {
                let dy = I::Vector::load_at(channel(self.dy, c, positions), at);
                let part = dy * (I::Vector::load_at(channel(self.x, c, positions), at) * inverse);
                dgamma[c] += part.sum();
                along = part.mul_add(I::Vector::splat(gamma[c]), along);
            });
            let along = along * I::Vector::splat(1.0 / C as f32);
            each!(C, |c| {
                let g = I::Vector::load_at(channel(self.dy, c, positions), at) * I::Vector::splat(gamma[c]);
                let normalized = I::Vector::load_at(channel(self.x, c, positions), at) * inverse;
                let dx = &mut dx[positions * c..][..positions];
                (inverse * normalized.negative_mul_add(along, g)).store_at(dx, at);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, assert_close, paths};

    const EPS: f32 = 1e-3;
    const ROWS: usize = 5;

    fn check<const N: usize, const C: usize>() {
        let (mut numbers, positions) = (Numbers::new(N as u64), N / C);
        let (x, dy, gamma) = (numbers.rows::<N>(ROWS), numbers.rows::<N>(ROWS), numbers.row::<C>());
        for path in paths() {
            let (mut y, mut dx, mut dgamma) = (x.clone(), x.clone(), [1.0; C]);
            run_on(path, Forward { x: &x, gamma: &gamma, eps: EPS, y: &mut y });
            let (first, second) = dx.split_at_mut(2);
            for (rows, dx) in [(0..2, first), (2..ROWS, second)] {
                let (x, dy) = (&x[rows.clone()], &dy[rows]);
                run_on(path, Backward { x, dy, gamma: &gamma, eps: EPS, dgamma: &mut dgamma, dx });
            }
            let mut sums = [1.0; C];
            for (row, position) in (0..ROWS).flat_map(|row| (0..positions).map(move |position| (row, position))) {
                let of = |rows: &[[f32; N]], c: usize| f64::from(rows[row][positions * c + position]);
                let mean = (0..C).map(|c| of(&x, c).powi(2)).sum::<f64>() / C as f64;
                let inverse = 1.0 / (mean + f64::from(EPS)).sqrt();
                let g = |c: usize| f64::from(gamma[c]) * of(&dy, c);
                let along = (0..C).map(|c| g(c) * of(&x, c) * inverse).sum::<f64>() / C as f64;
                for c in 0..C {
                    let (normalized, at) = (of(&x, c) * inverse, positions * c + position);
                    assert_close(y[row][at], f64::from(gamma[c]) * normalized, 8 * C);
                    // Where the numbers of a position are small, r is up to 1/√ε.
                    assert_close(dx[row][at], inverse * (g(c) - normalized * along), 64 * C);
                    sums[c] += of(&dy, c) * normalized;
                }
            }
            for c in 0..C {
                assert_close(dgamma[c], sums[c], 8 * N);
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1, 1>();
        check::<7, 7>();
        check::<16, 16>();
        check::<17, 17>();
        check::<130, 130>();
        check::<2, 1>();
        check::<24, 4>();
        check::<48, 3>();
        check::<51, 3>();
        check::<130, 2>();
    }
}
