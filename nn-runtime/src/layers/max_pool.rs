//! `max_pool1d`, `max_pool2d`, `global_max_pool`: y = the largest x in each window. NaN where one
//! of them is.
//!
//! Padding is −∞. Backward: dx = dy at the first largest input of a window, row by row, 0
//! elsewhere; where windows overlap, their parts add up. The derivative of an activation before the
//! pool is taken on that way, once for each window instead of once for each input.

use super::activation::Activation;
use super::pool::{area, inner, is_halving, is_whole, pair, taps};
use super::window::Window;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};

/// y = the largest x in each window.
pub struct Forward<'a, W: Window, const N: usize, const M: usize> {
    /// The sizes.
    pub window: W,
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; M]],
}

impl<W: Window, const N: usize, const M: usize> Kernel for Forward<'_, W, N, M> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N == W::CHANNELS * area(W::INPUT) && M == W::CHANNELS * area(W::OUTPUT)) };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        let channels = self.x.as_flattened().chunks_exact(area(W::INPUT));
        for (x, y) in channels.zip(self.y.as_flattened_mut().chunks_exact_mut(area(W::OUTPUT))) {
            if is_whole::<W>() {
                y[0] = largest::<I>(x);
                continue;
            }
            each!(W::OUTPUT[0], |i| {
                row::<I, W>(x, i, &mut y[W::OUTPUT[1] * i..][..W::OUTPUT[1]]);
            });
        }
    }
}

/// One row of outputs: those inside sixteen at a time.
#[inline(always)]
fn row<I: Isa, W: Window>(x: &[f32], i: usize, y: &mut [f32]) {
    let inner = inner::<W>();
    let mut j = 0;
    while j < W::OUTPUT[1] {
        if !inner.contains(&j) {
            y[j] = x[first_largest::<W>(x, i, j)];
            j += 1;
        } else if inner.end - j >= LANES {
            block::<I, W>(x, i, j, LANES).0.store_part(&mut y[j..j + LANES]);
            j += LANES;
        } else {
            let count = (inner.end - j) % LANES;
            block::<I, W>(x, i, j, count).0.store_part(&mut y[j..j + count]);
            j += count;
        }
    }
}

/// For windows side by side, the largest input of each, and the number of the first tap that is
/// that large.
#[inline(always)]
fn block<I: Isa, W: Window>(x: &[f32], i: usize, j: usize, count: usize) -> (I::Vector, I::Vector) {
    let (taps, column) = (taps::<W>(0, i), W::STRIDE[1] * j - W::PADDING[1]);
    let mut best = I::Vector::splat(f32::NEG_INFINITY);
    let mut first = I::Vector::splat((W::SIZE[1] * taps.start) as f32);
    for k in taps {
        let row = &x[W::INPUT[1] * (W::STRIDE[0] * i + k - W::PADDING[0])..][..W::INPUT[1]];
        let mut l = 0;
        while l < W::SIZE[1] {
            let two = l + 1 < W::SIZE[1];
            let [a, b] = pair::<I, W>(row, column + l, count, two);
            first = a.if_greater(best, I::Vector::splat((W::SIZE[1] * k + l) as f32), first);
            best = best.max_or_nan(a);
            if two {
                first = b.if_greater(best, I::Vector::splat((W::SIZE[1] * k + l + 1) as f32), first);
                best = best.max_or_nan(b);
            }
            l += 2;
        }
    }
    (best, first)
}

/// The largest number, NaN where one is.
#[inline(always)]
fn largest<I: Isa>(x: &[f32]) -> f32 {
    let mut best = I::Vector::splat(f32::NEG_INFINITY);
    let (vectors, rest) = x.as_chunks::<LANES>();
    for vector in vectors {
        best = best.max_or_nan(I::Vector::load(vector));
    }
    best = best.max_or_nan(I::Vector::load_part_or(rest, f32::NEG_INFINITY));
    let lanes = best.to_array();
    let mut at = 0;
    each!(1, LANES, |lane| {
        at = if is_better(lanes[lane], lanes[at]) { lane } else { at };
    });
    lanes[at]
}

/// Where the first largest input of a window is, or the first NaN.
#[inline(always)]
fn first_largest<W: Window>(x: &[f32], i: usize, j: usize) -> usize {
    let (rows, columns) = (taps::<W>(0, i), taps::<W>(1, j));
    let place = |k: usize, l: usize| {
        let (row, column) = (W::STRIDE[0] * i + k - W::PADDING[0], W::STRIDE[1] * j + l - W::PADDING[1]);
        W::INPUT[1] * row + column
    };
    let mut at = place(rows.start, columns.start);
    for k in rows {
        for l in columns.clone() {
            at = if is_better(x[place(k, l)], x[at]) { place(k, l) } else { at };
        }
    }
    at
}

#[inline(always)]
fn is_better(x: f32, best: f32) -> bool {
    x > best || x.is_nan() && !best.is_nan()
}

/// dx = dy·f′ at the first largest input of each window, else 0.
pub struct Backward<'a, W: Window, A, const N: usize, const M: usize> {
    /// The sizes.
    pub window: W,
    /// f, whose output the pool takes; [`Linear`](super::activation::Linear) where there is none.
    pub activation: A,
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; M]],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<W: Window, A: Activation, const N: usize, const M: usize> Kernel for Backward<'_, W, A, N, M> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N == W::CHANNELS * area(W::INPUT) && M == W::CHANNELS * area(W::OUTPUT)) };
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        let inputs = self.x.as_flattened().chunks_exact(area(W::INPUT));
        let gradients = self.dx.as_flattened_mut().chunks_exact_mut(area(W::INPUT));
        for ((x, dy), dx) in inputs.zip(self.dy.as_flattened().chunks_exact(area(W::OUTPUT))).zip(gradients) {
            if is_halving::<W>() {
                halved::<I, W, A>(self.activation, x, dy, dx);
            } else {
                dx.fill(0.0);
                scatter::<I, W, A>(self.activation, x, dy, dx);
            }
        }
    }
}

/// Window by window.
#[inline(always)]
fn scatter<I: Isa, W: Window, A: Activation>(activation: A, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let inner = if is_whole::<W>() { 0..0 } else { inner::<W>() };
    each!(W::OUTPUT[0], |i| {
        let dy = &dy[W::OUTPUT[1] * i..][..W::OUTPUT[1]];
        let mut j = 0;
        while j < W::OUTPUT[1] {
            if !inner.contains(&j) {
                let at = first_largest::<W>(x, i, j);
                let slope = activation.derivative(I::Vector::splat(x[at]));
                dx[at] += (I::Vector::splat(dy[j]) * slope).to_array()[0];
                j += 1;
                continue;
            }
            let count = (inner.end - j).min(LANES);
            let (largest, first) = block::<I, W>(x, i, j, count);
            let parts = I::Vector::load_part(&dy[j..j + count]) * activation.derivative(largest);
            let (parts, taps) = (parts.to_array(), first.to_array());
            each!(count, |lane| {
                let tap = taps[lane] as usize;
                let row = W::STRIDE[0] * i + tap / W::SIZE[1] - W::PADDING[0];
                let column = W::STRIDE[1] * (j + lane) + tap % W::SIZE[1] - W::PADDING[1];
                dx[W::INPUT[1] * row + column] += parts[lane];
            });
            j += count;
        }
    });
}

/// Pairs of columns, in one row or in two: every input belongs to one window, and is written once.
#[inline(always)]
fn halved<I: Isa, W: Window, A: Activation>(activation: A, x: &[f32], dy: &[f32], dx: &mut [f32]) {
    let [height, width] = W::OUTPUT;
    // What is left over in odd sizes.
    if W::INPUT != [W::SIZE[0] * height, 2 * width] {
        dx.fill(0.0);
    }
    each!(height, |i| {
        let inputs = &x[W::SIZE[0] * W::INPUT[1] * i..][..W::SIZE[0] * W::INPUT[1]];
        let gradients = &mut dx[W::SIZE[0] * W::INPUT[1] * i..][..W::SIZE[0] * W::INPUT[1]];
        let dy = &dy[width * i..][..width];
        let mut j = 0;
        while j + LANES <= width {
            halved_block::<I, W, A>(activation, inputs, &dy[j..j + LANES], &mut *gradients, j);
            j += LANES;
        }
        if j < width {
            halved_block::<I, W, A>(activation, inputs, &dy[j..], &mut *gradients, j);
        }
    });
}

/// The windows of `dy`, at most sixteen, the first of which is number `j` of its row.
#[inline(always)]
fn halved_block<I: Isa, W: Window, A: Activation>(activation: A, x: &[f32], dy: &[f32], dx: &mut [f32], j: usize) {
    let (top, bottom) = dx.split_at_mut(W::INPUT[1]);
    let (zero, count) = (I::Vector::splat(0.0), dy.len());
    let dy = I::Vector::load_part(dy);
    let [a, b] = pair::<I, W>(&x[..W::INPUT[1]], 2 * j, count, true);
    let upper = b.if_greater(a, b, a);
    let top = &mut top[2 * j..][..2 * count];
    if W::SIZE[0] == 1 {
        let part = dy * activation.derivative(upper);
        return store_pairs::<I>(b.if_greater(a, zero, part), b.if_greater(a, part, zero), top);
    }
    let [c, d] = pair::<I, W>(&x[W::INPUT[1]..], 2 * j, count, true);
    let lower = d.if_greater(c, d, c);
    let part = dy * activation.derivative(lower.if_greater(upper, lower, upper));
    let (above, below) = (lower.if_greater(upper, zero, part), lower.if_greater(upper, part, zero));
    store_pairs::<I>(b.if_greater(a, zero, above), b.if_greater(a, above, zero), top);
    let bottom = &mut bottom[2 * j..][..2 * count];
    store_pairs::<I>(d.if_greater(c, zero, below), d.if_greater(c, below, zero), bottom);
}

/// Writes two vectors in turn, as far as there is room.
#[inline(always)]
fn store_pairs<I: Isa>(even: I::Vector, odd: I::Vector, to: &mut [f32]) {
    let [low, high] = even.interleave(odd);
    let (first, second) = to.split_at_mut(to.len().min(LANES));
    low.store_part(first);
    high.store_part(second);
}

#[cfg(test)]
mod tests {
    use super::super::pool::testing::{check_windows, places, windows};
    use super::*;
    use crate::isa::{Path, run_on};
    use crate::layers::activation::{self, LeakyRelu, Linear};
    use crate::layers::testing::{Numbers, paths};

    /// Slow and obvious: the first largest input of each window.
    fn expected<W: Window, const N: usize, const M: usize>(x: &[f32; N], dy: &[f32; M]) -> ([f32; M], [f32; N]) {
        let (mut y, mut dx) = ([0.0; M], [0.0; N]);
        for output in 0..M {
            let places = places::<W>(output);
            let mut at = places[0];
            for place in places {
                if x[place] > x[at] {
                    at = place;
                }
            }
            y[output] = x[at];
            dx[at] += dy[output];
        }
        (y, dx)
    }

    fn run<W: Window + Copy, const N: usize, const M: usize>(
        path: Path,
        window: W,
        x: &[[f32; N]],
        dy: &[[f32; M]],
    ) -> (Vec<[f32; M]>, Vec<[f32; N]>) {
        let (mut y, mut dx) = (vec![[7.0; M]; x.len()], vec![[7.0; N]; x.len()]);
        run_on(path, Forward { window, x, y: &mut y });
        run_on(path, Backward { window, activation: Linear, x, dy, dx: &mut dx });
        (y, dx)
    }

    fn check<W: Window + Copy, const N: usize, const M: usize>(window: W) {
        let mut numbers = Numbers::new(N as u64);
        // Few different numbers, so that many are the largest together.
        let coarse = |x: [f32; N]| x.map(|x| (4.0 * x).round());
        let x = [numbers.row(), coarse(numbers.row()), [0.0; N], [f32::NEG_INFINITY; N]];
        // Sums of eighths have no rounding, in whatever order.
        let dy = [(); 4].map(|()| numbers.row::<M>().map(|dy| (8.0 * dy).round() / 8.0));
        for path in paths() {
            let (y, dx) = run(path, window, &x, &dy);
            for row in 0..x.len() {
                let expected = expected::<W, N, M>(&x[row], &dy[row]);
                assert_eq!((y[row], dx[row]), expected, "{path:?}, row {row}");
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check_windows!(check);
    }

    fn check_activation<W: Window + Copy, const N: usize, const M: usize>(window: W) {
        let mut numbers = Numbers::new(N as u64);
        let x = [numbers.row::<N>().map(|x| x.max(0.0)), numbers.row()];
        let dy = [(); 2].map(|()| numbers.row::<M>().map(|dy| (8.0 * dy).round() / 8.0));
        for path in paths() {
            let (mut apart, mut fused) = (vec![[7.0; N]; 2], vec![[7.0; N]; 2]);
            let (_, plain) = run(path, window, &x, &dy);
            let activation = LeakyRelu { slope: 0.5 };
            run_on(path, activation::Backward { activation, saved: &x, dy: &plain, dx: &mut apart });
            run_on(path, Backward { window, activation, x: &x, dy: &dy, dx: &mut fused });
            assert_eq!(fused, apart, "{path:?}");
        }
    }

    #[test]
    fn the_derivative_of_an_activation_is_that_of_its_own_kernel() {
        check_windows!(check_activation);
    }

    fn check_nan<W: Window + Copy, const N: usize, const M: usize>(window: W) {
        for path in paths() {
            for place in [0, N / 2, N - 1] {
                let mut x = [[1.0; N]];
                x[0][place] = f32::NAN;
                let (y, _) = run(path, window, &x, &[[1.0; M]]);
                for (output, y) in y[0].iter().enumerate() {
                    assert_eq!(y.is_nan(), places::<W>(output).contains(&place), "{path:?}, output {output}");
                }
            }
        }
    }

    #[test]
    fn a_nan_is_the_largest_number() {
        check_windows!(check_nan);
    }
}
