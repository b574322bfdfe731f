//! `group_norm(groups, eps)`: y = γ·x̂ + β with x̂ = (x − mean)·r and r = 1/√(variance + ε), over
//! all positions of a group of channels (Wu & He 2018). γ and β have one number for each of the C
//! channels; G groups have equally many.
//!
//! Backward, with g = γ·dy: dγ += Σ dy·x̂ and dβ += Σ dy over rows and positions; dx = r·(g −
//! mean(g) − x̂·mean(g·x̂)) with the means of the group. Mean and r are computed again, which takes
//! less than to keep them.

use super::sums::{squares_of, sum_of};
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::sqrt;

/// Normalizes each group.
pub struct Forward<'a, const N: usize, const C: usize, const G: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; C],
    /// β.
    pub beta: &'a [f32; C],
    /// ε.
    pub eps: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize, const G: usize> Kernel for Forward<'_, N, C, G> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        let (gammas, betas) = (self.gamma.chunks_exact(C / G), self.beta.chunks_exact(C / G));
        for (x, y) in self.x.iter().zip(self.y) {
            let groups = x.chunks_exact(N / G).zip(y.chunks_exact_mut(N / G));
            for ((x, y), (gamma, beta)) in groups.zip(gammas.clone().zip(betas.clone())) {
                let normal = Normal::of::<I>(x, self.eps);
                if N == C {
                    normal.scale_channels::<I>(x, gamma, beta, y);
                    continue;
                }
                let channels = x.chunks_exact(N / C).zip(y.chunks_exact_mut(N / C));
                for ((x, y), (gamma, beta)) in channels.zip(gamma.iter().zip(beta)) {
                    normal.scale_positions::<I>(x, *gamma, *beta, y);
                }
            }
        }
    }
}

/// x̂ = (x − mean)·r.
#[derive(Clone, Copy)]
struct Normal {
    mean: f32,
    inverse: f32,
}

impl Normal {
    /// Of the numbers of a group.
    #[inline(always)]
    fn of<I: Isa>(x: &[f32], eps: f32) -> Self {
        let count = x.len() as f32;
        let mean = sum_of::<I>(x).sum() / count;
        let variance = squares_of::<I>(x, mean).sum() / count;
        Self { mean, inverse: 1.0 / sqrt(variance + eps) }
    }

    #[inline(always)]
    fn at<I: Isa>(self, x: &[f32], at: usize) -> I::Vector {
        (I::Vector::load_at(x, at) - I::Vector::splat(self.mean)) * I::Vector::splat(self.inverse)
    }

    /// y = γ·x̂ + β of channels side by side.
    #[inline(always)]
    fn scale_channels<I: Isa>(self, x: &[f32], gamma: &[f32], beta: &[f32], y: &mut [f32]) {
        for at in (0..x.len()).step_by(LANES) {
            let (gamma, beta) = (I::Vector::load_at(gamma, at), I::Vector::load_at(beta, at));
            self.at::<I>(x, at).mul_add(gamma, beta).store_at(y, at);
        }
    }

    /// y = γ·x̂ + β of the positions of one channel.
    #[inline(always)]
    fn scale_positions<I: Isa>(self, x: &[f32], gamma: f32, beta: f32, y: &mut [f32]) {
        for at in (0..x.len()).step_by(LANES) {
            let (gamma, beta) = (I::Vector::splat(gamma), I::Vector::splat(beta));
            self.at::<I>(x, at).mul_add(gamma, beta).store_at(y, at);
        }
    }

    /// Σ dy and Σ dy·x̂ of the positions of one channel.
    #[inline(always)]
    fn sums<I: Isa>(self, x: &[f32], dy: &[f32]) -> [f32; 2] {
        let [mut sum, mut along] = [I::Vector::splat(0.0); 2];
        for at in (0..x.len()).step_by(LANES) {
            let dy = I::Vector::load_at(dy, at);
            (sum, along) = (sum + dy, dy.mul_add(self.at::<I>(x, at), along));
        }
        [sum.sum(), along.sum()]
    }

    /// r·(g − mean(g) − x̂·mean(g·x̂)) of sixteen numbers.
    #[inline(always)]
    fn centre<I: Isa>(self, x: &[f32], g: I::Vector, means: [f32; 2], at: usize) -> I::Vector {
        let [sum, along] = means.map(I::Vector::splat);
        I::Vector::splat(self.inverse) * (g - self.at::<I>(x, at).mul_add(along, sum))
    }
}

/// The gradients.
pub struct Backward<'a, const N: usize, const C: usize, const G: usize> {
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
    /// The gradient of β, added to.
    pub dbeta: &'a mut [f32; C],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize, const C: usize, const G: usize> Kernel for Backward<'_, N, C, G> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            each!(G, |group| {
                let (numbers, channels) =
                    (group * (N / G)..(group + 1) * (N / G), group * (C / G)..(group + 1) * (C / G));
                let part =
                    Group { x: &x[numbers.clone()], dy: &dy[numbers.clone()], gamma: &self.gamma[channels.clone()] };
                let gradients = Gradients {
                    dgamma: &mut self.dgamma[channels.clone()],
                    dbeta: &mut self.dbeta[channels],
                    dx: &mut dx[numbers],
                };
                if N == C {
                    part.along_channels::<I>(self.eps, gradients);
                } else {
                    part.along_positions::<I>(self.eps, N / C, gradients);
                }
            });
        }
    }
}

/// What the gradients of a group are computed from.
struct Group<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    gamma: &'a [f32],
}

/// Where they go.
struct Gradients<'a> {
    dgamma: &'a mut [f32],
    dbeta: &'a mut [f32],
    dx: &'a mut [f32],
}

impl Group<'_> {
    /// Of channels side by side.
    #[inline(always)]
    fn along_channels<I: Isa>(&self, eps: f32, to: Gradients) {
        let (normal, count) = (Normal::of::<I>(self.x, eps), self.x.len());
        let [mut sum, mut along] = [I::Vector::splat(0.0); 2];
        for at in (0..count).step_by(LANES) {
            let (dy, normalized) = (I::Vector::load_at(self.dy, at), normal.at::<I>(self.x, at));
            dy.mul_add(normalized, I::Vector::load_at(to.dgamma, at)).store_at(to.dgamma, at);
            (I::Vector::load_at(to.dbeta, at) + dy).store_at(to.dbeta, at);
            let g = I::Vector::load_at(self.gamma, at) * dy;
            (sum, along) = (sum + g, g.mul_add(normalized, along));
        }
        let means = [sum, along].map(|part| part.sum() / count as f32);
        for at in (0..count).step_by(LANES) {
            let g = I::Vector::load_at(self.gamma, at) * I::Vector::load_at(self.dy, at);
            normal.centre::<I>(self.x, g, means, at).store_at(to.dx, at);
        }
    }

    /// Of channels with so many positions each.
    #[inline(always)]
    fn along_positions<I: Isa>(&self, eps: f32, positions: usize, to: Gradients) {
        let normal = Normal::of::<I>(self.x, eps);
        let [mut sum, mut along] = [0.0; 2];
        for (c, gamma) in self.gamma.iter().enumerate() {
            let of = |row: &'_ [f32]| positions * c..(positions * (c + 1)).min(row.len());
            let [channel_sum, channel_along] = normal.sums::<I>(&self.x[of(self.x)], &self.dy[of(self.dy)]);
            to.dgamma[c] += channel_along;
            to.dbeta[c] += channel_sum;
            (sum, along) = (sum + gamma * channel_sum, along + gamma * channel_along);
        }
        let means = [sum, along].map(|part| part / self.x.len() as f32);
        for (c, gamma) in self.gamma.iter().enumerate() {
            let numbers = positions * c..positions * (c + 1);
            let (x, dy, dx) = (&self.x[numbers.clone()], &self.dy[numbers.clone()], &mut to.dx[numbers]);
            for at in (0..positions).step_by(LANES) {
                let g = I::Vector::splat(*gamma) * I::Vector::load_at(dy, at);
                normal.centre::<I>(x, g, means, at).store_at(dx, at);
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

    fn check<const N: usize, const C: usize, const G: usize>() {
        let mut numbers = Numbers::new(N as u64);
        let (x, dy) = (numbers.rows::<N>(ROWS), numbers.rows::<N>(ROWS));
        let (gamma, beta) = (numbers.row::<C>(), numbers.row::<C>());
        for path in paths() {
            let (mut y, mut dx, mut dgamma, mut dbeta) = (x.clone(), x.clone(), [1.0; C], [1.0; C]);
            run_on(path, Forward::<N, C, G> { x: &x, gamma: &gamma, beta: &beta, eps: EPS, y: &mut y });
            let (first, second) = dx.split_at_mut(2);
            for (rows, dx) in [(0..2, first), (2..ROWS, second)] {
                let (x, dy, dgamma, dbeta) = (&x[rows.clone()], &dy[rows], &mut dgamma, &mut dbeta);
                run_on(path, Backward::<N, C, G> { x, dy, gamma: &gamma, eps: EPS, dgamma, dbeta, dx });
            }
            let mut sums = [[1.0; C]; 2];
            for (row, group) in (0..ROWS).flat_map(|row| (0..G).map(move |group| (row, group))) {
                let (count, all) = ((N / G) as f64, N / G * group..N / G * (group + 1));
                let of = |rows: &[[f32; N]], n: usize| f64::from(rows[row][n]);
                let mean = all.clone().map(|n| of(&x, n)).sum::<f64>() / count;
                let variance = all.clone().map(|n| (of(&x, n) - mean).powi(2)).sum::<f64>() / count;
                let inverse = 1.0 / (variance + f64::from(EPS)).sqrt();
                let normalized = |n: usize| (of(&x, n) - mean) * inverse;
                let g = |n: usize| f64::from(gamma[n / (N / C)]) * of(&dy, n);
                let sum = all.clone().map(g).sum::<f64>() / count;
                let along = all.clone().map(|n| g(n) * normalized(n)).sum::<f64>() / count;
                for n in all {
                    let c = n / (N / C);
                    let expected = normalized(n) * f64::from(gamma[c]) + f64::from(beta[c]);
                    assert_close(y[row][n], expected, 8 * N);
                    // Where the numbers of a group are close, r is up to 1/√ε.
                    assert_close(dx[row][n], inverse * (g(n) - sum - normalized(n) * along), 64 * N);
                    sums[0][c] += of(&dy, n) * normalized(n);
                    sums[1][c] += of(&dy, n);
                }
            }
            for c in 0..C {
                assert_close(dgamma[c], sums[0][c], 8 * N);
                assert_close(dbeta[c], sums[1][c], ROWS * N);
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1, 1, 1>();
        check::<8, 8, 2>();
        check::<17, 17, 1>();
        check::<34, 34, 2>();
        check::<24, 4, 2>();
        check::<24, 4, 4>();
        check::<51, 3, 1>();
        check::<51, 3, 3>();
        check::<136, 4, 2>();
    }
}
