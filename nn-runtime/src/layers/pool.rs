//! What pools share: which inputs a window holds, and how those of neighbouring windows are loaded
//! together.
//!
//! Pools are kernels of their own, not fused into the convolution before them: fusing could save at
//! most 3.4 % of one image through LeNet-5, and less than 2 % of a training step.

use core::ops::Range;

use super::window::Window;
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};

/// Height times width.
#[inline(always)]
pub const fn area([height, width]: [usize; 2]) -> usize {
    height * width
}

/// Whether there is one window, which is the whole image.
#[inline(always)]
pub fn is_whole<W: Window>() -> bool {
    W::SIZE == W::INPUT && W::OUTPUT == [1, 1] && W::PADDING == [0, 0]
}

/// Whether pairs of columns become one, in one row or in two.
#[inline(always)]
pub fn is_halving<W: Window>() -> bool {
    matches!((W::SIZE, W::STRIDE), ([2, 2], [2, 2]) | ([1, 2], [1, 2])) && W::PADDING == [0, 0]
}

/// What is inside of the image, of the window of an output along an axis.
#[inline(always)]
pub fn taps<W: Window>(axis: usize, output: usize) -> Range<usize> {
    let start = W::STRIDE[axis] * output;
    let end = (W::INPUT[axis] + W::PADDING[axis]).saturating_sub(start);
    W::PADDING[axis].saturating_sub(start)..W::SIZE[axis].min(end)
}

/// The outputs of a row whose windows are inside of the image from left to right.
#[inline(always)]
pub fn inner<W: Window>() -> Range<usize> {
    let [input, size, stride, padding] = [W::INPUT[1], W::SIZE[1], W::STRIDE[1], W::PADDING[1]];
    let windows = if input + padding < size { 0 } else { (input + padding - size) / stride + 1 };
    let end = windows.min(W::OUTPUT[1]);
    padding.div_ceil(stride).min(end)..end
}

/// For `count` windows side by side, at most sixteen, whose first begins in column `column` of an
/// image's row: the input there, and the one after it if there are `two`.
#[inline(always)]
pub fn pair<I: Isa, W: Window>(row: &[f32], column: usize, count: usize, two: bool) -> [I::Vector; 2] {
    match W::STRIDE[1] {
        1 => {
            let first = I::Vector::load_part(&row[column..column + count]);
            let second = if two { I::Vector::load_part(&row[column + 1..column + 1 + count]) } else { first };
            [first, second]
        }
        2 => {
            let length = 2 * count - if two { 0 } else { 1 };
            let (low, high) = row[column..column + length].split_at(length.min(LANES));
            I::Vector::load_part(low).deinterleave(I::Vector::load_part(high))
        }
        stride => {
            let [mut first, mut second] = [[0.0; LANES]; 2];
            each!(count, |window| {
                let at = column + stride * window;
                first[window] = row[at];
                second[window] = row[if two { at + 1 } else { at }];
            });
            [I::Vector::load(&first), I::Vector::load(&second)]
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    /// Defines a window of a pool for tests.
    macro_rules! windows {
        ($($name:ident: $channels:literal of [$h:literal, $w:literal], size [$k:literal, $l:literal],
            stride [$s:literal, $t:literal], padding [$p:literal, $q:literal];)*) => {$(
            #[derive(Clone, Copy, Default)]
            struct $name;

            impl Window for $name {
                const CHANNELS: usize = $channels;
                const INPUT: [usize; 2] = [$h, $w];
                const OUTPUT: [usize; 2] = [($h + 2 * $p - $k) / $s + 1, ($w + 2 * $q - $l) / $t + 1];
                const SIZE: [usize; 2] = [$k, $l];
                const STRIDE: [usize; 2] = [$s, $t];
                const PADDING: [usize; 2] = [$p, $q];
                const DILATION: [usize; 2] = [1, 1];
            }
        )*};
    }

    /// Runs `check::<Window, inputs of a row, outputs of a row>()` for windows that fall
    /// differently into vectors.
    macro_rules! check_windows {
        ($check:ident) => {
            windows! {
                One: 1 of [1, 1], size [1, 1], stride [1, 1], padding [0, 0];
                Halved: 6 of [28, 28], size [2, 2], stride [2, 2], padding [0, 0];
                Small: 16 of [10, 10], size [2, 2], stride [2, 2], padding [0, 0];
                Odd: 3 of [7, 5], size [2, 2], stride [2, 2], padding [0, 0];
                Wide: 2 of [4, 70], size [2, 2], stride [2, 2], padding [0, 0];
                Sequence: 17 of [1, 35], size [1, 2], stride [1, 2], padding [0, 0];
                Whole: 17 of [7, 7], size [7, 7], stride [7, 7], padding [0, 0];
                Long: 3 of [1, 100], size [1, 100], stride [1, 100], padding [0, 0];
                Overlap: 3 of [13, 40], size [3, 3], stride [2, 2], padding [1, 1];
                Dense: 1 of [5, 20], size [3, 2], stride [1, 1], padding [0, 1];
                Thirds: 2 of [9, 60], size [3, 3], stride [3, 3], padding [0, 0];
                Apart: 1 of [8, 9], size [2, 1], stride [3, 4], padding [1, 0];
                Padded: 2 of [2, 1], size [4, 3], stride [1, 2], padding [3, 2];
            }
            $check::<One, 1, 1>(One);
            $check::<Halved, 4704, 1176>(Halved);
            $check::<Small, 1600, 400>(Small);
            $check::<Odd, 105, 18>(Odd);
            $check::<Wide, 560, 140>(Wide);
            $check::<Sequence, 595, 289>(Sequence);
            $check::<Whole, 833, 17>(Whole);
            $check::<Long, 300, 3>(Long);
            $check::<Overlap, 1560, 420>(Overlap);
            $check::<Dense, 100, 63>(Dense);
            $check::<Thirds, 1080, 120>(Thirds);
            $check::<Apart, 72, 9>(Apart);
            $check::<Padded, 4, 20>(Padded);
        };
    }

    pub(crate) use {check_windows, windows};

    use super::super::window::Window;

    /// The inputs in the window of an output, by their places in a row of the batch.
    pub(crate) fn places<W: Window>(output: usize) -> Vec<usize> {
        let [height, width] = W::OUTPUT;
        let (channel, i, j) = (output / (height * width), output / width % height, output % width);
        let mut places = Vec::new();
        for k in 0..W::SIZE[0] {
            for l in 0..W::SIZE[1] {
                let (row, column) = (W::STRIDE[0] * i + k, W::STRIDE[1] * j + l);
                let inside = |at: usize, axis: usize| at >= W::PADDING[axis] && at < W::PADDING[axis] + W::INPUT[axis];
                if inside(row, 0) && inside(column, 1) {
                    let row = channel * W::INPUT[0] + row - W::PADDING[0];
                    places.push(row * W::INPUT[1] + column - W::PADDING[1]);
                }
            }
        }
        places
    }
}
