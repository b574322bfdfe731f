//! `batch_norm(momentum, eps)`: y = γ·x̂ + β with x̂ = (x − mean)/√(variance + ε), per feature
//! (Ioffe & Szegedy 2015).
//!
//! Training takes mean and variance from the batch (the biased variance), and moves the running
//! ones towards them: running ← (1 − m)·running + m·batch, with the unbiased variance. Evaluation
//! takes the running ones.
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

/// The gradients of a pass with the running statistics, which are constants then.
pub struct EvaluateBackward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// γ.
    pub gamma: &'a [f32; N],
    /// The running mean.
    pub running_mean: &'a [f32; N],
    /// The running variance.
    pub running_variance: &'a [f32; N],
    /// ε.
    pub eps: f32,
    /// The gradient of γ, added to.
    pub dgamma: &'a mut [f32; N],
    /// The gradient of β, added to.
    pub dbeta: &'a mut [f32; N],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for EvaluateBackward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        let mut inverse_deviation = [0.0; N];
        for n in 0..N {
            inverse_deviation[n] = 1.0 / sqrt(self.running_variance[n] + self.eps);
        }
        for ((x, dy), dx) in self.x.iter().zip(self.dy).zip(self.dx) {
            for n in 0..N {
                let normalized = (x[n] - self.running_mean[n]) * inverse_deviation[n];
                self.dgamma[n] = I::fma(dy[n], normalized, self.dgamma[n]);
                self.dbeta[n] += dy[n];
                dx[n] = self.gamma[n] * inverse_deviation[n] * dy[n];
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Path, run_on};
    use crate::layers::testing::{Numbers, assert_close, paths};

    const EPS: f32 = 1e-5;

    struct Trained<const N: usize> {
        running: [[f32; N]; 2],
        mean: [f32; N],
        inverse_deviation: [f32; N],
        y: Vec<[f32; N]>,
    }

    fn train<const N: usize>(path: Path, x: &[[f32; N]], gamma: &[f32; N], beta: &[f32; N]) -> Trained<N> {
        let mut trained =
            Trained { running: [[0.5; N], [2.0; N]], mean: [0.0; N], inverse_deviation: [0.0; N], y: x.to_vec() };
        let Trained { running: [running_mean, running_variance], mean, inverse_deviation, y } = &mut trained;
        let (momentum, eps) = (0.25, EPS);
        run_on(
            path,
            Train { x, gamma, beta, momentum, eps, running_mean, running_variance, mean, inverse_deviation, y },
        );
        trained
    }

    /// By hand: x̂ = (3 − 1)/√(4 − ε + ε) = 1 and (−1 − 1)/2 = −1.
    #[test]
    fn running_statistics_are_constants() {
        for path in paths() {
            let (mut dgamma, mut dbeta, mut dx) = ([0.5], [0.0], [[0.0]; 2]);
            run_on(
                path,
                EvaluateBackward {
                    x: &[[3.0], [-1.0]],
                    dy: &[[1.0], [4.0]],
                    gamma: &[3.0],
                    running_mean: &[1.0],
                    running_variance: &[4.0 - 0.25],
                    eps: 0.25,
                    dgamma: &mut dgamma,
                    dbeta: &mut dbeta,
                    dx: &mut dx,
                },
            );
            assert_eq!((dgamma, dbeta, dx), ([0.5 + 1.0 - 4.0], [5.0], [[1.5], [6.0]]));
        }
    }

    fn check<const N: usize>(rows: usize) {
        let mut numbers = Numbers::new((N + rows) as u64);
        let x = numbers.rows::<N>(rows);
        let (gamma, beta) = (numbers.row::<N>(), numbers.row::<N>());
        for path in paths() {
            let Trained { running, y, .. } = train(path, &x, &gamma, &beta);
            let mut evaluated = x.clone();
            let [running_mean, running_variance] = &running;
            let y_evaluated = &mut evaluated;
            run_on(
                path,
                Evaluate {
                    x: &x,
                    gamma: &gamma,
                    beta: &beta,
                    running_mean,
                    running_variance,
                    eps: EPS,
                    y: y_evaluated,
                },
            );
            for n in 0..N {
                let column = || x.iter().map(|x| f64::from(x[n]));
                let mean = column().sum::<f64>() / rows as f64;
                let squares: f64 = column().map(|x| (x - mean).powi(2)).sum();
                assert_close(running[0][n], 0.75 * 0.5 + 0.25 * mean, rows);
                assert_close(running[1][n], 0.75 * 2.0 + 0.25 * squares / (rows - 1) as f64, rows);
                let (gamma, beta) = (f64::from(gamma[n]), f64::from(beta[n]));
                let deviation = (squares / rows as f64 + f64::from(EPS)).sqrt();
                let running_deviation = (f64::from(running[1][n]) + f64::from(EPS)).sqrt();
                for (row, x) in column().enumerate() {
                    assert_close(y[row][n], gamma * (x - mean) / deviation + beta, 4 * rows);
                    let expected = gamma * (x - f64::from(running[0][n])) / running_deviation + beta;
                    assert_close(evaluated[row][n], expected, 4);
                }
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check::<1>(5);
        check::<7>(2);
        check::<17>(32);
        check::<65>(33);
    }

    #[test]
    fn gradients_are_the_slopes_of_the_values() {
        const N: usize = 7;
        let mut numbers = Numbers::new(5);
        let (x, dy) = (numbers.rows::<N>(6), numbers.rows::<N>(6));
        let (gamma, beta) = (numbers.row::<N>(), numbers.row::<N>());
        for path in paths() {
            let Trained { mean, inverse_deviation, .. } = train(path, &x, &gamma, &beta);
            let (mut dgamma, mut dbeta, mut dx) = ([1.0; N], [1.0; N], x.clone());
            run_on(
                path,
                Backward {
                    x: &x,
                    dy: &dy,
                    gamma: &gamma,
                    mean: &mean,
                    inverse_deviation: &inverse_deviation,
                    dgamma: &mut dgamma,
                    dbeta: &mut dbeta,
                    dx: &mut dx,
                },
            );
            let value = |x: &[[f32; N]], gamma: &[f32; N], beta: &[f32; N]| -> f64 {
                let y = train(path, x, gamma, beta).y;
                y.as_flattened().iter().zip(dy.as_flattened()).map(|(&y, &dy)| f64::from(y) * f64::from(dy)).sum()
            };
            let step = 1.0 / 128.0;
            let slope = |above: f64, below: f64| (above - below) / f64::from(2.0 * step);
            for n in 0..N {
                let [mut above, mut below] = [gamma; 2];
                above[n] += step;
                below[n] -= step;
                let expected = slope(value(&x, &above, &beta), value(&x, &below, &beta));
                assert!((f64::from(dgamma[n]) - 1.0 - expected).abs() < 1e-3);
                let [mut above, mut below] = [beta; 2];
                above[n] += step;
                below[n] -= step;
                let expected = slope(value(&x, &gamma, &above), value(&x, &gamma, &below));
                assert!((f64::from(dbeta[n]) - 1.0 - expected).abs() < 1e-3);
                for row in 0..6 {
                    let (mut above, mut below) = (x.clone(), x.clone());
                    above[row][n] += step;
                    below[row][n] -= step;
                    let expected = slope(value(&above, &gamma, &beta), value(&below, &gamma, &beta));
                    assert!((f64::from(dx[row][n]) - expected).abs() < 2e-3, "{} {expected}", dx[row][n]);
                }
            }
        }
    }
}
