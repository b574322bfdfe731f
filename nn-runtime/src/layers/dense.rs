//! `dense(units)`: y = f(x·W + b).
//!
//! | value | shape              |
//! | ----- | ------------------ |
//! | x     | `[rows, K]`        |
//! | W     | `[K, N]`           |
//! | b     | `[N]`              |
//! | y     | `[rows, N]`        |
//!
//! Backward, with dy the gradient of x·W + b: dW += xᵀ·dy, db += Σ dy over the rows, dx = dy·Wᵀ.
//!
//! Every sum has one order: over k from the bias upwards, over rows from the stored gradient upwards. A layer of one unit
//! sums over k in [`CHUNK`] lanes instead, since one chain of multiply-adds would wait for itself.

use super::activation::{Activation, apply};
use super::product::{Ones, Plain, Product, Start, Transposed, panel, panel_mut};
use crate::isa::{Isa, Kernel};
use crate::math::{CHUNK, add_lanes};

/// y = f(x·W + b).
pub struct Forward<'a, const K: usize, const N: usize, A> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// b, if the layer has one.
    pub bias: Option<&'a [f32; N]>,
    /// f.
    pub activation: A,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const K: usize, const N: usize, A: Activation> Kernel for Forward<'_, K, N, A> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        product::<I, K, N>(self.x, self.weight, self.bias, self.y);
        apply::<I, A>(self.activation, self.y.as_flattened_mut());
    }
}

/// dx = dy·Wᵀ.
pub struct InputGradient<'a, const K: usize, const N: usize> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// W.
    pub weight: &'a [[f32; N]; K],
    /// Scratch that is left holding Wᵀ.
    pub transposed: &'a mut [[f32; K]; N],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; K]],
}

impl<const K: usize, const N: usize> Kernel for InputGradient<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        transpose(self.weight, self.transposed);
        product::<I, N, K>(self.dy, self.transposed, None, self.dx);
    }
}

/// dW += xᵀ·dy.
pub struct WeightGradient<'a, const K: usize, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; K]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The gradient of W, added to.
    pub dw: &'a mut [[f32; N]; K],
}

impl<const K: usize, const N: usize> Kernel for WeightGradient<'_, K, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(
            self.x.len(),
            self.dy.len(),
            "one gradient row for each input row"
        );
        if N == 1 {
            // A single column lies in memory as a single row does, and rows are what tiles are fast at.
            let (dw, _) = self.dw.as_flattened_mut().as_chunks_mut::<K>();
            let left = Transposed(self.dy);
            Product::<_, N, K> {
                left,
                right: self.x,
                start: Start::Output,
                out: dw,
            }
            .compute::<I>();
        } else {
            let left = Transposed(self.x);
            Product::<_, K, N> {
                left,
                right: self.dy,
                start: Start::Output,
                out: self.dw,
            }
            .compute::<I>();
        }
    }
}

/// db += Σ dy over the rows.
pub struct BiasGradient<'a, const N: usize> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; N]],
    /// The gradient of b, added to.
    pub db: &'a mut [f32; N],
}

impl<const N: usize> Kernel for BiasGradient<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let out = core::slice::from_mut(self.db);
        Product::<_, 1, N> {
            left: Ones,
            right: self.dy,
            start: Start::Output,
            out,
        }
        .compute::<I>();
    }
}

/// y = x·W + b.
#[inline(always)]
fn product<I: Isa, const K: usize, const N: usize>(
    x: &[[f32; K]],
    weight: &[[f32; N]; K],
    bias: Option<&[f32; N]>,
    y: &mut [[f32; N]],
) {
    assert_eq!(x.len(), y.len(), "one output row for each input row");
    if N == 1 {
        let weight: &[f32; K] = weight.as_flattened().as_array().expect("N is 1");
        let bias = bias.map_or(0.0, |bias| bias[0]);
        for (x, y) in x.iter().zip(y) {
            y[0] = bias + dot::<I, K>(x, weight);
        }
    } else {
        let start = bias.map_or(Start::Zero, Start::Row);
        Product::<_, K, N> {
            left: Plain(x),
            right: weight,
            start,
            out: y,
        }
        .compute::<I>();
    }
}

/// Σ x·w in [`CHUNK`] lanes, which are then added in pairs.
#[inline(always)]
fn dot<I: Isa, const K: usize>(x: &[f32; K], weight: &[f32; K]) -> f32 {
    let mut sum = [0.0; CHUNK];
    let (x, x_rest) = x.as_chunks::<CHUNK>();
    let (weight, weight_rest) = weight.as_chunks::<CHUNK>();
    for (x, weight) in x.iter().zip(weight) {
        for lane in 0..CHUNK {
            sum[lane] = I::fma(x[lane], weight[lane], sum[lane]);
        }
    }
    for (lane, (&x, &weight)) in x_rest.iter().zip(weight_rest).enumerate() {
        sum[lane] = I::fma(x, weight, sum[lane]);
    }
    add_lanes(sum)
}

/// Bᵀ, by blocks that read and write whole cache lines.
#[inline(always)]
fn transpose<const K: usize, const N: usize>(from: &[[f32; N]; K], to: &mut [[f32; K]; N]) {
    const BLOCK: usize = 8;
    for row in (0..K).step_by(BLOCK) {
        for column in (0..N).step_by(BLOCK) {
            if row + BLOCK <= K && column + BLOCK <= N {
                let mut block = [[0.0; BLOCK]; BLOCK];
                for i in 0..BLOCK {
                    let [from] = panel::<1, BLOCK>(&from[row + i], column);
                    for j in 0..BLOCK {
                        block[j][i] = from[j];
                    }
                }
                for j in 0..BLOCK {
                    *panel_mut(&mut to[column + j], row) = [block[j]];
                }
            } else {
                for i in row..K.min(row + BLOCK) {
                    for j in column..N.min(column + BLOCK) {
                        to[j][i] = from[i][j];
                    }
                }
            }
        }
    }
}
