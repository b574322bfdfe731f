//! `avg_pool1d`, `avg_pool2d`, `global_avg_pool`: y = the mean of each window. Padding is zeros
//! that count.
//!
//! Backward: dx = the sum, over the windows that hold x, of dy divided by the size of the window.

use super::pool::{area, inner, is_halving, is_whole, pair, taps};
use super::sums::sum_of;
use super::window::Window;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};

/// y = the mean of each window.
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
                y[0] = share::<W>() * sum_of::<I>(x).sum();
                continue;
            }
            each!(W::OUTPUT[0], |i| {
                row::<I, W>(x, i, &mut y[W::OUTPUT[1] * i..][..W::OUTPUT[1]]);
            });
        }
    }
}

/// What each input of a window counts.
#[inline(always)]
fn share<W: Window>() -> f32 {
    1.0 / area(W::SIZE) as f32
}

/// One row of outputs: those inside sixteen at a time.
#[inline(always)]
fn row<I: Isa, W: Window>(x: &[f32], i: usize, y: &mut [f32]) {
    let inner = inner::<W>();
    let mut j = 0;
    while j < W::OUTPUT[1] {
        if !inner.contains(&j) {
            y[j] = share::<W>() * at_the_edge::<W>(x, i, j);
            j += 1;
        } else if inner.end - j >= LANES {
            block::<I, W>(x, i, j, LANES).store_part(&mut y[j..j + LANES]);
            j += LANES;
        } else {
            let count = (inner.end - j) % LANES;
            block::<I, W>(x, i, j, count).store_part(&mut y[j..j + count]);
            j += count;
        }
    }
}

/// The means of windows side by side.
#[inline(always)]
fn block<I: Isa, W: Window>(x: &[f32], i: usize, j: usize, count: usize) -> I::Vector {
    let column = W::STRIDE[1] * j - W::PADDING[1];
    let mut sum = I::Vector::splat(0.0);
    for k in taps::<W>(0, i) {
        let row = &x[W::INPUT[1] * (W::STRIDE[0] * i + k - W::PADDING[0])..][..W::INPUT[1]];
        let mut l = 0;
        while l < W::SIZE[1] {
            let two = l + 1 < W::SIZE[1];
            let [a, b] = pair::<I, W>(row, column + l, count, two);
            sum = if two { sum + (a + b) } else { sum + a };
            l += 2;
        }
    }
    I::Vector::splat(share::<W>()) * sum
}

/// The sum of what is inside of the image.
#[inline(always)]
fn at_the_edge<W: Window>(x: &[f32], i: usize, j: usize) -> f32 {
    let mut sum = 0.0;
    for k in taps::<W>(0, i) {
        let row = &x[W::INPUT[1] * (W::STRIDE[0] * i + k - W::PADDING[0])..][..W::INPUT[1]];
        for l in taps::<W>(1, j) {
            sum += row[W::STRIDE[1] * j + l - W::PADDING[1]];
        }
    }
    sum
}

/// dx = the sum of the windows' dy, divided by their size.
pub struct Backward<'a, W: Window, const N: usize, const M: usize> {
    /// The sizes.
    pub window: W,
    /// The gradient of the output.
    pub dy: &'a [[f32; M]],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<W: Window, const N: usize, const M: usize> Kernel for Backward<'_, W, N, M> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N == W::CHANNELS * area(W::INPUT) && M == W::CHANNELS * area(W::OUTPUT)) };
        assert_eq!(self.dy.len(), self.dx.len(), "equally many rows");
        let gradients = self.dx.as_flattened_mut().chunks_exact_mut(area(W::INPUT));
        for (dy, dx) in self.dy.as_flattened().chunks_exact(area(W::OUTPUT)).zip(gradients) {
            if is_whole::<W>() {
                dx.fill(share::<W>() * dy[0]);
                continue;
            }
            // Where windows are side by side and nothing is left over, all is written once.
            if !is_halving::<W>() || W::INPUT != [W::SIZE[0] * W::OUTPUT[0], 2 * W::OUTPUT[1]] {
                dx.fill(0.0);
            }
            each!(W::OUTPUT[0], |i| {
                let dy = &dy[W::OUTPUT[1] * i..][..W::OUTPUT[1]];
                for k in taps::<W>(0, i) {
                    let row = W::STRIDE[0] * i + k - W::PADDING[0];
                    let dx = &mut dx[W::INPUT[1] * row..][..W::INPUT[1]];
                    if is_halving::<W>() { doubled::<I, W>(dy, dx) } else { spread::<W>(dy, dx) }
                }
            });
        }
    }
}

/// To one row of inputs, from one row of windows.
#[inline(always)]
fn spread<W: Window>(dy: &[f32], dx: &mut [f32]) {
    each!(W::OUTPUT[1], |j| {
        for l in taps::<W>(1, j) {
            dx[W::STRIDE[1] * j + l - W::PADDING[1]] += share::<W>() * dy[j];
        }
    });
}

/// To pairs of inputs, from windows that share none.
#[inline(always)]
fn doubled<I: Isa, W: Window>(dy: &[f32], dx: &mut [f32]) {
    let mut j = 0;
    while j < W::OUTPUT[1] {
        let count = (W::OUTPUT[1] - j).min(LANES);
        let part = I::Vector::splat(share::<W>()) * I::Vector::load_part(&dy[j..j + count]);
        let [low, high] = part.interleave(part);
        let (first, second) = dx[2 * j..][..2 * count].split_at_mut((2 * count).min(LANES));
        low.store_part(first);
        high.store_part(second);
        j += count;
    }
}

#[cfg(test)]
mod tests {
    use super::super::pool::testing::{check_windows, places, windows};
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::{Numbers, assert_close, paths};

    fn check<W: Window + Copy, const N: usize, const M: usize>(window: W) {
        let mut numbers = Numbers::new(N as u64);
        let (x, dy) = (numbers.rows::<N>(3), numbers.rows::<M>(3));
        for path in paths() {
            let (mut y, mut dx) = (vec![[7.0; M]; 3], vec![[7.0; N]; 3]);
            run_on(path, Forward { window, x: &x, y: &mut y });
            run_on(path, Backward { window, dy: &dy, dx: &mut dx });
            let size = area(W::SIZE) as f64;
            for row in 0..3 {
                let mut expected = vec![0.0; N];
                for output in 0..M {
                    let places = places::<W>(output);
                    let sum: f64 = places.iter().map(|place| f64::from(x[row][*place])).sum();
                    assert_close(y[row][output], sum / size, places.len());
                    for place in places {
                        expected[place] += f64::from(dy[row][output]) / size;
                    }
                }
                for (dx, expected) in dx[row].iter().zip(expected) {
                    assert_close(*dx, expected, area(W::SIZE));
                }
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_formulas() {
        check_windows!(check);
    }
}
