//! Features of several numbers each: channel after channel, by vectors of the numbers that lie
//! together in a row.
//!
//! The sums of a channel are those of its rows, and those are sums of sixteen parts: the order
//! depends on the sizes alone.

use super::super::sums::{squares_of, sum_of};
use super::operands::{Backward, Evaluate, EvaluateBackward, Train, move_towards};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::math::sqrt;

/// The numbers of a channel in a row.
#[inline(always)]
fn of<const N: usize, const C: usize>(row: &[f32; N], channel: usize) -> &[f32] {
    &row[N / C * channel..][..N / C]
}

/// The numbers of a channel in a row.
#[inline(always)]
fn of_mut<const N: usize, const C: usize>(row: &mut [f32; N], channel: usize) -> &mut [f32] {
    &mut row[N / C * channel..][..N / C]
}

#[inline(always)]
pub fn train<I: Isa, const N: usize, const C: usize>(train: Train<N, C>) {
    let count = (train.x.len() * (N / C)) as f32;
    each!(C, |c| {
        let mut sum = I::Vector::splat(0.0);
        for x in train.x {
            sum = sum + sum_of::<I>(of::<N, C>(x, c));
        }
        let mean = sum.sum() / count;
        let mut squares = I::Vector::splat(0.0);
        for x in train.x {
            squares = squares + squares_of::<I>(of::<N, C>(x, c), mean);
        }
        let squares = squares.sum();
        let inverse = 1.0 / sqrt(squares / count + train.eps);
        (train.mean[c], train.inverse_deviation[c]) = (mean, inverse);
        move_towards(&mut train.running_mean[c], mean, train.momentum);
        move_towards(&mut train.running_variance[c], squares / (count - 1.0).max(1.0), train.momentum);
        let normal = Normal { mean, inverse };
        for (x, y) in train.x.iter().zip(train.y.iter_mut()) {
            normal.scale::<I>(of::<N, C>(x, c), train.gamma[c], train.beta[c], of_mut::<N, C>(y, c));
        }
    });
}

#[inline(always)]
pub fn evaluate<I: Isa, const N: usize, const C: usize>(evaluate: Evaluate<N, C>) {
    for (x, y) in evaluate.x.iter().zip(evaluate.y) {
        each!(C, |c| {
            let inverse = 1.0 / sqrt(evaluate.running_variance[c] + evaluate.eps);
            let normal = Normal { mean: evaluate.running_mean[c], inverse };
            normal.scale::<I>(of::<N, C>(x, c), evaluate.gamma[c], evaluate.beta[c], of_mut::<N, C>(y, c));
        });
    }
}

#[inline(always)]
pub fn backward<I: Isa, const N: usize, const C: usize>(pass: Backward<N, C>) {
    let count = (pass.x.len() * (N / C)) as f32;
    each!(C, |c| {
        let normal = Normal { mean: pass.mean[c], inverse: pass.inverse_deviation[c] };
        let [mut sum, mut along] = [I::Vector::splat(0.0); 2];
        for (x, dy) in pass.x.iter().zip(pass.dy) {
            let [row_sum, row_along] = normal.sums::<I>(of::<N, C>(x, c), of::<N, C>(dy, c));
            (sum, along) = (sum + row_sum, along + row_along);
        }
        let (sum, along) = (sum.sum(), along.sum());
        pass.dgamma[c] += along;
        pass.dbeta[c] += sum;
        let factor = pass.gamma[c] * normal.inverse;
        for ((x, dy), dx) in pass.x.iter().zip(pass.dy).zip(pass.dx.iter_mut()) {
            let (x, dy, dx) = (of::<N, C>(x, c), of::<N, C>(dy, c), of_mut::<N, C>(dx, c));
            normal.centre::<I>(x, dy, factor, [sum / count, along / count], dx);
        }
    });
}

#[inline(always)]
pub fn evaluate_backward<I: Isa, const N: usize, const C: usize>(pass: EvaluateBackward<N, C>) {
    for ((x, dy), dx) in pass.x.iter().zip(pass.dy).zip(pass.dx) {
        each!(C, |c| {
            let inverse = 1.0 / sqrt(pass.running_variance[c] + pass.eps);
            let normal = Normal { mean: pass.running_mean[c], inverse };
            let (x, dy, dx) = (of::<N, C>(x, c), of::<N, C>(dy, c), of_mut::<N, C>(dx, c));
            let [sum, along] = normal.sums::<I>(x, dy);
            pass.dgamma[c] += along.sum();
            pass.dbeta[c] += sum.sum();
            // The means of the gradient are those of constants: zero.
            normal.centre::<I>(x, dy, pass.gamma[c] * inverse, [0.0, 0.0], dx);
        });
    }
}

/// x̂ = (x − mean)·r.
#[derive(Clone, Copy)]
struct Normal {
    mean: f32,
    inverse: f32,
}

impl Normal {
    #[inline(always)]
    fn of<I: Isa>(self, x: I::Vector) -> I::Vector {
        (x - I::Vector::splat(self.mean)) * I::Vector::splat(self.inverse)
    }

    /// y = γ·x̂ + β.
    #[inline(always)]
    fn scale<I: Isa>(self, x: &[f32], gamma: f32, beta: f32, y: &mut [f32]) {
        let (gamma, beta) = (I::Vector::splat(gamma), I::Vector::splat(beta));
        let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks_mut::<LANES>());
        for (x, y) in x.iter().zip(y) {
            self.of::<I>(I::Vector::load(x)).mul_add(gamma, beta).store(y);
        }
        if !x_rest.is_empty() {
            self.of::<I>(I::Vector::load_part(x_rest)).mul_add(gamma, beta).store_part(y_rest);
        }
    }

    /// Σ dy and Σ dy·x̂, in sixteen parts.
    #[inline(always)]
    fn sums<I: Isa>(self, x: &[f32], dy: &[f32]) -> [I::Vector; 2] {
        let [mut sum, mut along] = [I::Vector::splat(0.0); 2];
        let ((x, x_rest), (dy, dy_rest)) = (x.as_chunks::<LANES>(), dy.as_chunks::<LANES>());
        for (x, dy) in x.iter().zip(dy) {
            let dy = I::Vector::load(dy);
            (sum, along) = (sum + dy, dy.mul_add(self.of::<I>(I::Vector::load(x)), along));
        }
        if !x_rest.is_empty() {
            let dy = I::Vector::load_part(dy_rest);
            (sum, along) = (sum + dy, dy.mul_add(self.of::<I>(I::Vector::load_part(x_rest)), along));
        }
        [sum, along]
    }

    /// dx = factor·(dy − (sum + x̂·along)), where `means` are sum and along.
    #[inline(always)]
    fn centre<I: Isa>(self, x: &[f32], dy: &[f32], factor: f32, means: [f32; 2], dx: &mut [f32]) {
        let (factor, [sum, along]) = (I::Vector::splat(factor), means.map(I::Vector::splat));
        let ((x, x_rest), (dy, dy_rest)) = (x.as_chunks::<LANES>(), dy.as_chunks::<LANES>());
        let (dx, dx_rest) = dx.as_chunks_mut::<LANES>();
        for ((x, dy), dx) in x.iter().zip(dy).zip(dx) {
            let common = self.of::<I>(I::Vector::load(x)).mul_add(along, sum);
            (factor * (I::Vector::load(dy) - common)).store(dx);
        }
        if !x_rest.is_empty() {
            let common = self.of::<I>(I::Vector::load_part(x_rest)).mul_add(along, sum);
            (factor * (I::Vector::load_part(dy_rest) - common)).store_part(dx_rest);
        }
    }
}
