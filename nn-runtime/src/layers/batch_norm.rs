//! `batch_norm(momentum, eps)`: y = γ·x̂ + β with x̂ = (x − mean)/√(variance + ε), per feature (Ioffe & Szegedy 2015).
//!
//! Training takes mean and variance from the batch (the biased variance), and moves the running ones towards them:
//! running ← (1 − m)·running + m·batch, with the unbiased variance. Evaluation takes the running ones.
//!
//! Backward, with r = 1/√(variance + ε) and n rows: dγ += Σ dy·x̂, dβ += Σ dy,
//! dx = γ·r·(dy − (Σ dy + x̂·Σ dy·x̂)/n).

use crate::isa::{Isa, Kernel};
use crate::math::sqrt;

/// Normalises with the statistics of the batch, which must be whole: at least two rows.
pub struct Train<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// β.
    pub beta: &'a [f32; N],
    /// How much of the batch's statistics goes into the running ones.
    pub momentum: f32,
    /// ε.
    pub eps: f32,
    /// The running mean, moved.
    pub running_mean: &'a mut [f32; N],
    /// The running variance, moved.
    pub running_variance: &'a mut [f32; N],
    /// The mean of the batch, written for the backward pass.
    pub mean: &'a mut [f32; N],
    /// r of the batch, written for the backward pass.
    pub inverse_deviation: &'a mut [f32; N],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Train<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let rows = self.x.len() as f32;
        *self.mean = [0.0; N];
        for x in self.x {
            for n in 0..N {
                self.mean[n] += x[n];
            }
        }
        for n in 0..N {
            self.mean[n] /= rows;
        }
        let mut squares = [0.0; N];
        for x in self.x {
            for n in 0..N {
                let deviation = x[n] - self.mean[n];
                squares[n] = I::fma(deviation, deviation, squares[n]);
            }
        }
        let unbiased_rows = (rows - 1.0).max(1.0);
        for n in 0..N {
            self.inverse_deviation[n] = 1.0 / sqrt(squares[n] / rows + self.eps);
            move_towards(&mut self.running_mean[n], self.mean[n], self.momentum);
            move_towards(&mut self.running_variance[n], squares[n] / unbiased_rows, self.momentum);
        }
        normalize::<I, N>(self.x, self.mean, self.inverse_deviation, self.gamma, self.beta, self.y);
    }
}

/// Normalises with the running statistics.
pub struct Evaluate<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// β.
    pub beta: &'a [f32; N],
    /// The running mean.
    pub running_mean: &'a [f32; N],
    /// The running variance.
    pub running_variance: &'a [f32; N],
    /// ε.
    pub eps: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Evaluate<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let mut inverse_deviation = [0.0; N];
        for n in 0..N {
            inverse_deviation[n] = 1.0 / sqrt(self.running_variance[n] + self.eps);
        }
        normalize::<I, N>(self.x, self.running_mean, &inverse_deviation, self.gamma, self.beta, self.y);
    }
}

/// The gradients of a training pass.
pub struct Backward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// The mean of the batch.
    pub mean: &'a [f32; N],
    /// r of the batch.
    pub inverse_deviation: &'a [f32; N],
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
        let mut sum_dy = [0.0; N];
        let mut sum_dy_x = [0.0; N];
        for (x, dy) in self.x.iter().zip(self.dy) {
            for n in 0..N {
                let normalized = (x[n] - self.mean[n]) * self.inverse_deviation[n];
                sum_dy[n] += dy[n];
                sum_dy_x[n] = I::fma(dy[n], normalized, sum_dy_x[n]);
            }
        }
        let rows = self.x.len() as f32;
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            for n in 0..N {
                let normalized = (x[n] - self.mean[n]) * self.inverse_deviation[n];
                let common = I::fma(normalized, sum_dy_x[n], sum_dy[n]) / rows;
                dx[n] = self.gamma[n] * self.inverse_deviation[n] * (dy[n] - common);
            }
        }
        for n in 0..N {
            self.dgamma[n] += sum_dy_x[n];
            self.dbeta[n] += sum_dy[n];
        }
    }
}

#[inline(always)]
fn move_towards(running: &mut f32, batch: f32, momentum: f32) {
    *running = (1.0 - momentum) * *running + momentum * batch;
}

/// y = γ·(x − mean)·r + β.
#[inline(always)]
fn normalize<I: Isa, const N: usize>(
    x: &[[f32; N]],
    mean: &[f32; N],
    inverse_deviation: &[f32; N],
    gamma: &[f32; N],
    beta: &[f32; N],
    y: &mut [[f32; N]],
) {
    assert_eq!(x.len(), y.len(), "one output row for each input row");
    for (x, y) in x.iter().zip(y) {
        for n in 0..N {
            y[n] = I::fma((x[n] - mean[n]) * inverse_deviation[n], gamma[n], beta[n]);
        }
    }
}
