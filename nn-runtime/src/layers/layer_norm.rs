//! `layer_norm(eps)`: y = γ·x̂ + β with x̂ = (x − mean)·r and r = 1/√(variance + ε), over all
//! numbers of a row (Ba et al. 2016). γ and β have one number for each of them.
//!
//! Backward, with g = γ·dy: dγ += Σ dy·x̂ and dβ += Σ dy over the rows; dx = r·(g − mean(g) −
//! x̂·mean(g·x̂)). Mean and r are computed again, which takes less than to keep them.

use super::sums::{squares_of, sum_of};
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::sqrt;

/// Normalises each row.
pub struct Forward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// β.
    pub beta: &'a [f32; N],
    /// ε.
    pub eps: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Forward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.iter().zip(self.y) {
            let [mean, inverse] = statistics::<I>(x, self.eps).map(I::Vector::splat);
            for at in (0..N).step_by(LANES) {
                let (gamma, beta) = (I::Vector::load_at(self.gamma, at), I::Vector::load_at(self.beta, at));
                let normalized = (I::Vector::load_at(x, at) - mean) * inverse;
                normalized.mul_add(gamma, beta).store_at(y, at);
            }
        }
    }
}

/// Mean and r of a row.
#[inline(always)]
fn statistics<I: Isa>(x: &[f32], eps: f32) -> [f32; 2] {
    let count = x.len() as f32;
    let mean = sum_of::<I>(x).sum() / count;
    let variance = squares_of::<I>(x, mean).sum() / count;
    [mean, 1.0 / sqrt(variance + eps)]
}

/// The gradients.
pub struct Backward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// ε.
    pub eps: f32,
    /// The gradient of γ, added to.
    pub dgamma: &'a mut [f32; N],
    /// The gradient of β, added to.
    pub dbeta: &'a mut [f32; N],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Backward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            let [mean, inverse] = statistics::<I>(x, self.eps).map(I::Vector::splat);
            let [mut sum, mut along] = [I::Vector::splat(0.0); 2];
            for at in (0..N).step_by(LANES) {
                let dy = I::Vector::load_at(dy, at);
                let normalized = (I::Vector::load_at(x, at) - mean) * inverse;
                dy.mul_add(normalized, I::Vector::load_at(self.dgamma, at)).store_at(self.dgamma, at);
                (I::Vector::load_at(self.dbeta, at) + dy).store_at(self.dbeta, at);
                let g = I::Vector::load_at(self.gamma, at) * dy;
                (sum, along) = (sum + g, g.mul_add(normalized, along));
            }
            let [sum, along] = [sum, along].map(|part| I::Vector::splat(part.sum() / N as f32));
            for at in (0..N).step_by(LANES) {
                let g = I::Vector::load_at(self.gamma, at) * I::Vector::load_at(dy, at);
                let normalized = (I::Vector::load_at(x, at) - mean) * inverse;
                (inverse * (g - normalized.mul_add(along, sum))).store_at(dx, at);
            }
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

    fn check<const N: usize>() {
        let mut numbers = Numbers::new(N as u64);
        let (x, dy) = (numbers.rows::<N>(ROWS), numbers.rows::<N>(ROWS));
        let (gamma, beta) = (numbers.row::<N>(), numbers.row::<N>());
        for path in paths() {
            let (mut y, mut dx, mut dgamma, mut dbeta) = (x.clone(), x.clone(), [1.0; N], [1.0; N]);
            run_on(path, Forward { x: &x, gamma: &gamma, beta: &beta, eps: EPS, y: &mut y });
            let (first, second) = dx.split_at_mut(2);
            for (rows, dx) in [(0..2, first), (2..ROWS, second)] {
                let (x, dy) = (&x[rows.clone()], &dy[rows]);
                let backward = Backward { x, dy, gamma: &gamma, eps: EPS, dgamma: &mut dgamma, dbeta: &mut dbeta, dx };
                run_on(path, backward);
            }
            let mut sums = [[1.0; N]; 2];
            for row in 0..ROWS {
                let [x, dy] = [&x, &dy].map(|rows| rows[row].map(f64::from));
                let mean = x.iter().sum::<f64>() / N as f64;
                let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / N as f64;
                let inverse = 1.0 / (variance + f64::from(EPS)).sqrt();
                let normalized = x.map(|x| (x - mean) * inverse);
                let g: [f64; N] = core::array::from_fn(|n| f64::from(gamma[n]) * dy[n]);
                let sum = g.iter().sum::<f64>() / N as f64;
                let along = g.iter().zip(&normalized).map(|(g, x)| g * x).sum::<f64>() / N as f64;
                for n in 0..N {
                    assert_close(y[row][n], normalized[n] * f64::from(gamma[n]) + f64::from(beta[n]), 8 * N);
                    // Where the numbers of a row are close, r is up to 1/√ε.
                    assert_close(dx[row][n], inverse * (g[n] - sum - normalized[n] * along), 64 * N);
                    sums[0][n] += dy[n] * normalized[n];
                    sums[1][n] += dy[n];
                }
            }
            for n in 0..N {
                assert_close(dgamma[n], sums[0][n], 8 * N);
                assert_close(dbeta[n], sums[1][n], ROWS);
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1>();
        check::<2>();
        check::<7>();
        check::<16>();
        check::<17>();
        check::<48>();
        check::<130>();
    }
}
