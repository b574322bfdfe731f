//! Against the formulas of the head of [`super`], in f64, on every path of the machine.

use super::*;
use crate::isa::{Path, run_on};
use crate::layers::activation::Tanh;
use crate::layers::testing::{Numbers, assert_close, paths};

/// A window with its sizes, for the tests and for their formulas.
macro_rules! window {
    ($name:ident: $channels:literal of $input:expr => $output:expr, size $size:expr, stride $stride:expr, padding $padding:expr,
     dilation $dilation:expr) => {
        #[derive(Clone, Copy, Default)]
        struct $name;

        impl Window for $name {
            const CHANNELS: usize = $channels;
            const INPUT: [usize; 2] = $input;
            const OUTPUT: [usize; 2] = $output;
            const SIZE: [usize; 2] = $size;
            const STRIDE: [usize; 2] = $stride;
            const PADDING: [usize; 2] = $padding;
            const DILATION: [usize; 2] = $dilation;
        }
    };
}

/// Calls `f(output, input, weight)` with the indices in a row, and in W, of every product.
fn products<S: Window>(channels: usize, outputs: usize, mut f: impl FnMut(usize, usize, usize)) {
    let ([height, width], [rows, columns]) = (S::INPUT, S::OUTPUT);
    let groups = S::CHANNELS / channels;
    for o in 0..outputs * groups {
        for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            for c in 0..channels {
                for (k, l) in (0..S::SIZE[0]).flat_map(|k| (0..S::SIZE[1]).map(move |l| (k, l))) {
                    let row = (S::STRIDE[0] * i + S::DILATION[0] * k).wrapping_sub(S::PADDING[0]);
                    let column = (S::STRIDE[1] * j + S::DILATION[1] * l).wrapping_sub(S::PADDING[1]);
                    if row < height && column < width {
                        let channel = o / outputs * channels + c;
                        let input = (channel * height + row) * width + column;
                        let weight = ((o * channels + c) * S::SIZE[0] + k) * S::SIZE[1] + l;
                        f((o * rows + i) * columns + j, input, weight);
                    }
                }
            }
        }
    }
}

/// Forward, and all gradients, for three rows; how many products a sum may have.
fn holds<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, const B: usize>() {
    let mut numbers = Numbers::new(1);
    let (x, dy): (Vec<[f32; X]>, Vec<[f32; Y]>) = (numbers.rows(3), numbers.rows(3));
    let weights = S::CHANNELS / C * M * C * taps::<S>();
    let weight: Vec<f32> = (0..weights).map(|_| numbers.next()).collect();
    let before: Vec<f32> = (0..weights).map(|_| numbers.next()).collect();
    let bias: [f32; B] = numbers.row();
    let mut z = vec![[0.0f64; Y]; 3];
    let mut dx = vec![[0.0f64; X]; 3];
    let mut dw: Vec<f64> = before.iter().map(|number| f64::from(*number)).collect();
    for row in 0..3 {
        for (at, z) in z[row].iter_mut().enumerate() {
            *z = f64::from(bias[at / (Y / B)]);
        }
        products::<S>(C, M, |output, input, tap| {
            z[row][output] += f64::from(x[row][input]) * f64::from(weight[tap]);
            dx[row][input] += f64::from(dy[row][output]) * f64::from(weight[tap]);
            dw[tap] += f64::from(dy[row][output]) * f64::from(x[row][input]);
        });
    }
    let terms = [C, M].map(|channels| channels * taps::<S>());
    for path in paths() {
        forward::<S, C, M, X, Y>(path, &x, &weight, &bias, &z, terms[0]);
        input_gradient::<S, C, M, X, Y>(path, &x, &dy, &weight, &dx, terms[1]);
        let mut found = before.clone();
        run_on(path, WeightGradient::<S, C, M, X, Y> { window: S::default(), x: &x, dy: &dy, dw: &mut found }.whole());
        for (found, expected) in found.iter().zip(&dw) {
            assert_close(*found, *expected, 3 * Y / B);
        }
        let mut cut = before.clone();
        for row in 0..3 {
            let (x, dy) = (&x[row..=row], &dy[row..=row]);
            let kernel = WeightGradient::<S, C, M, X, Y> { window: S::default(), x, dy, dw: &mut cut };
            let (first, rest) = kernel.whole().split_at(B.div_ceil(2));
            run_on(path, first);
            run_on(path, rest);
        }
        assert_eq!(found, cut, "row by row, and cut at an output, {path:?}");
        let mut db = bias;
        run_on(path, BiasGradient::<B, Y> { dy: &dy, db: &mut db });
        for (at, found) in db.iter().enumerate() {
            let parts = dy.iter().map(|dy| dy[at * (Y / B)..][..Y / B].iter().map(|dy| f64::from(*dy)).sum::<f64>());
            assert_close(*found, f64::from(bias[at]) + parts.sum::<f64>(), 3 * Y / B);
        }
    }
}

fn forward<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize>(
    path: Path,
    x: &[[f32; X]],
    weight: &[f32],
    bias: &[f32],
    z: &[[f64; Y]],
    terms: usize,
) {
    let mut y = vec![[f32::NAN; Y]; 3];
    run_on(
        path,
        Forward::<S, C, M, X, Y, _> { window: S::default(), x, weight, bias: Some(bias), activation: Tanh, y: &mut y },
    );
    for (found, z) in y.as_flattened().iter().zip(z.as_flattened()) {
        assert_close(*found, z.tanh(), terms);
    }
    let mut alone = vec![[f32::NAN; Y]; 1];
    run_on(
        path,
        Forward::<S, C, M, X, Y, _> {
            window: S::default(),
            x: &x[2..],
            weight,
            bias: Some(bias),
            activation: Tanh,
            y: &mut alone,
        },
    );
    assert_eq!(alone[0], y[2], "one row, {path:?}");
}

fn input_gradient<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize>(
    path: Path,
    x: &[[f32; X]],
    dy: &[[f32; Y]],
    weight: &[f32],
    dx: &[[f64; X]],
    terms: usize,
) {
    let mut found = vec![[f32::NAN; X]; 3];
    let gradient = |saved, dx: &mut [[f32; X]]| {
        run_on(
            path,
            InputGradient::<S, C, M, X, Y, _> { window: S::default(), dy, weight, activation: Tanh, saved, dx },
        );
    };
    gradient(None, &mut found);
    for (found, expected) in found.as_flattened().iter().zip(dx.as_flattened()) {
        assert_close(*found, *expected, terms);
    }
    let mut derived = vec![[f32::NAN; X]; 3];
    gradient(Some(x), &mut derived);
    for ((found, dx), y) in derived.as_flattened().iter().zip(found.as_flattened()).zip(x.as_flattened()) {
        assert_close(*found, f64::from(*dx) * (1.0 - f64::from(*y).powi(2)), 1);
    }
}

macro_rules! cases {
    ($($test:ident: $name:ident, groups of $c:literal, $m:literal; $x:expr, $y:expr, $b:literal;)*) => {$(
        #[test]
        fn $test() {
            holds::<$name, $c, $m, { $x }, { $y }, $b>();
        }
    )*};
}

window!(Point: 3 of [1, 1] => [1, 1], size [1, 1], stride [1, 1], padding [0, 0], dilation [1, 1]);
window!(Wide: 1 of [28, 28] => [28, 28], size [5, 5], stride [1, 1], padding [2, 2], dilation [1, 1]);
window!(Strided: 17 of [9, 8] => [4, 3], size [3, 4], stride [2, 3], padding [0, 1], dilation [1, 1]);
window!(Dilated: 2 of [9, 11] => [7, 3], size [3, 3], stride [1, 2], padding [1, 0], dilation [2, 3]);
window!(Sparse: 2 of [10, 10] => [3, 3], size [1, 2], stride [4, 4], padding [0, 0], dilation [1, 1]);
window!(Far: 1 of [3, 3] => [5, 5], size [2, 2], stride [1, 1], padding [2, 2], dilation [2, 2]);
window!(Depthwise: 5 of [6, 6] => [6, 6], size [3, 3], stride [1, 1], padding [1, 1], dilation [1, 1]);
window!(Long: 2 of [1, 4000] => [1, 1996], size [1, 9], stride [1, 2], padding [0, 0], dilation [1, 1]);
window!(Channels: 700 of [3, 9] => [3, 9], size [3, 3], stride [1, 1], padding [1, 1], dilation [1, 1]);
window!(Image: 1 of [130, 140] => [1, 131], size [130, 10], stride [1, 1], padding [0, 0], dilation [1, 1]);
window!(Causal: 3 of [1, 20] => [1, 20], size [1, 3], stride [1, 1], padding [0, 4], dilation [1, 2]);

cases! {
    one_number: Point, groups of 3, 4; 3, 4, 4;
    the_first_layer_of_lenet: Wide, groups of 1, 6; 784, 6 * 784, 6;
    seventeen_channels_in_strides: Strided, groups of 17, 17; 17 * 72, 17 * 12, 17;
    dilation: Dilated, groups of 2, 5; 198, 5 * 21, 5;
    strides_longer_than_the_window: Sparse, groups of 2, 3; 200, 27, 3;
    more_padding_than_the_window_reaches: Far, groups of 1, 2; 9, 50, 2;
    depthwise: Depthwise, groups of 1, 1; 180, 180, 5;
    a_long_sequence: Long, groups of 2, 18; 8000, 18 * 1996, 18;
    more_channels_than_a_band_holds: Channels, groups of 700, 2; 700 * 27, 54, 2;
    an_image_larger_than_a_band: Image, groups of 1, 2; 18200, 262, 2;
    padding_that_differs_before_and_behind: Causal, groups of 3, 35; 60, 700, 35;
}
