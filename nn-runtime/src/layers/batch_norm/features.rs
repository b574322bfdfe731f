//! Features of one number each, side by side: sixteen at a time, and one by one those that fill no
//! vector.

use super::operands::{Backward, Evaluate, EvaluateBackward, Train, move_towards};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::math::sqrt;

#[inline(always)]
pub fn train<I: Isa, const N: usize, const C: usize>(train: Train<N, C>) {
    let rows = train.x.len() as f32;
    *train.mean = [0.0; C];
    each!(train.x.len(), |row| {
        let x = &train.x[row];
        each!(C / LANES, |vector| {
            let at = vector * LANES;
            (load::<I>(train.mean, at) + load::<I>(x, at)).store_at(train.mean, at);
        });
        each!(C - C % LANES, C, |n| {
            train.mean[n] += x[n];
        });
    });
    each!(C, |n| {
        train.mean[n] /= rows;
    });
    let mut squares = [0.0; C];
    each!(train.x.len(), |row| {
        let x = &train.x[row];
        each!(C / LANES, |vector| {
            let at = vector * LANES;
            let deviation = load::<I>(x, at) - load::<I>(train.mean, at);
            deviation.mul_add(deviation, load::<I>(&squares, at)).store_at(&mut squares, at);
        });
        each!(C - C % LANES, C, |n| {
            let deviation = x[n] - train.mean[n];
            squares[n] = I::fma(deviation, deviation, squares[n]);
        });
    });
    let unbiased_rows = (rows - 1.0).max(1.0);
    each!(C, |n| {
        train.inverse_deviation[n] = 1.0 / sqrt(squares[n] / rows + train.eps);
        move_towards(&mut train.running_mean[n], train.mean[n], train.momentum);
        move_towards(&mut train.running_variance[n], squares[n] / unbiased_rows, train.momentum);
    });
    normalize::<I, N, C>(train.x, train.mean, train.inverse_deviation, train.gamma, train.beta, train.y);
}

#[inline(always)]
pub fn evaluate<I: Isa, const N: usize, const C: usize>(evaluate: Evaluate<N, C>) {
    let inverse = inverse_deviations(evaluate.running_variance, evaluate.eps);
    normalize::<I, N, C>(evaluate.x, evaluate.running_mean, &inverse, evaluate.gamma, evaluate.beta, evaluate.y);
}

#[inline(always)]
fn inverse_deviations<const C: usize>(variances: &[f32; C], eps: f32) -> [f32; C] {
    let mut inverse = [0.0; C];
    each!(C, |n| {
        inverse[n] = 1.0 / sqrt(variances[n] + eps);
    });
    inverse
}

/// Sixteen features from one on.
#[inline(always)]
fn load<I: Isa>(features: &[f32], at: usize) -> I::Vector {
    I::Vector::load_at(features, at)
}

/// y = γ·(x − mean)·r + β.
#[inline(always)]
fn normalize<I: Isa, const N: usize, const C: usize>(
    x: &[[f32; N]],
    mean: &[f32; C],
    inverse_deviation: &[f32; C],
    gamma: &[f32; C],
    beta: &[f32; C],
    y: &mut [[f32; N]],
) {
    each!(x.len(), |row| {
        let (x, y) = (&x[row], &mut y[row]);
        each!(C / LANES, |vector| {
            let at = vector * LANES;
            let normalized = (load::<I>(x, at) - load::<I>(mean, at)) * load::<I>(inverse_deviation, at);
            normalized.mul_add(load::<I>(gamma, at), load::<I>(beta, at)).store_at(y, at);
        });
        each!(C - C % LANES, C, |n| {
            y[n] = I::fma((x[n] - mean[n]) * inverse_deviation[n], gamma[n], beta[n]);
        });
    });
}

#[inline(always)]
pub fn backward<I: Isa, const N: usize, const C: usize>(pass: Backward<N, C>) {
    let mut sum_dy = [0.0; C];
    let mut sum_dy_x = [0.0; C];
    each!(pass.x.len(), |row| {
        let (x, dy) = (&pass.x[row], &pass.dy[row]);
        each!(C / LANES, |vector| {
            let at = vector * LANES;
            let dy = load::<I>(dy, at);
            let normalized = (load::<I>(x, at) - load::<I>(pass.mean, at)) * load::<I>(pass.inverse_deviation, at);
            (load::<I>(&sum_dy, at) + dy).store_at(&mut sum_dy, at);
            dy.mul_add(normalized, load::<I>(&sum_dy_x, at)).store_at(&mut sum_dy_x, at);
        });
        each!(C - C % LANES, C, |n| {
            let normalized = (x[n] - pass.mean[n]) * pass.inverse_deviation[n];
            sum_dy[n] += dy[n];
            sum_dy_x[n] = I::fma(dy[n], normalized, sum_dy_x[n]);
        });
    });
    let rows = pass.x.len() as f32;
    each!(pass.x.len(), |row| {
        let (x, dy, dx) = (&pass.x[row], &pass.dy[row], &mut pass.dx[row]);
        each!(C / LANES, |vector| {
            let at = vector * LANES;
            let inverse_deviation = load::<I>(pass.inverse_deviation, at);
            let normalized = (load::<I>(x, at) - load::<I>(pass.mean, at)) * inverse_deviation;
            let sums = normalized.mul_add(load::<I>(&sum_dy_x, at), load::<I>(&sum_dy, at));
            let common = sums / I::Vector::splat(rows);
            (load::<I>(pass.gamma, at) * inverse_deviation * (load::<I>(dy, at) - common)).store_at(dx, at);
        });
        each!(C - C % LANES, C, |n| {
            let normalized = (x[n] - pass.mean[n]) * pass.inverse_deviation[n];
            let common = I::fma(normalized, sum_dy_x[n], sum_dy[n]) / rows;
            dx[n] = pass.gamma[n] * pass.inverse_deviation[n] * (dy[n] - common);
        });
    });
    each!(C, |n| {
        pass.dgamma[n] += sum_dy_x[n];
        pass.dbeta[n] += sum_dy[n];
    });
}

#[inline(always)]
pub fn evaluate_backward<I: Isa, const N: usize, const C: usize>(pass: EvaluateBackward<N, C>) {
    let inverse = inverse_deviations(pass.running_variance, pass.eps);
    for ((x, dy), dx) in pass.x.iter().zip(pass.dy).zip(pass.dx) {
        each!(C, |n| {
            let normalized = (x[n] - pass.running_mean[n]) * inverse[n];
            pass.dgamma[n] = I::fma(dy[n], normalized, pass.dgamma[n]);
            pass.dbeta[n] += dy[n];
            dx[n] = pass.gamma[n] * inverse[n] * dy[n];
        });
    }
}
