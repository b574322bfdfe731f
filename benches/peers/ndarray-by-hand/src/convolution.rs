//! Convolutions: patches are packed and multiplied, image by image, so that all of an image stays in the
//! first caches; bias, ReLU and pooling are one pass over its sums.

use std::iter::repeat_n;
use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};
use nn_bench_protocol::{Arrays, Convolution as Size};

use crate::parameter::{Parameter, flat};

/// A convolution with ReLU and 2×2 pooling.
pub struct Convolution {
    size: Size,
    pub weight: Parameter,
    pub bias: Parameter,
    /// Of each image, a row for each weight of a kernel: its factor at each place.
    patches: Array2<f32>,
    /// The sums of one image, a row for each channel; then their gradients.
    sums: Array2<f32>,
    /// The gradients of one image's patches.
    patches_gradient: Array2<f32>,
    /// After pooling, a row for each image.
    pub output: Array2<f32>,
    pub gradient: Array2<f32>,
    /// For each output the index of its sum among four, 0 to 3, or [`NONE`].
    chosen: Vec<u8>,
}

/// None of four sums is above zero.
const NONE: u8 = 4;

impl Convolution {
    /// With the first weights, for up to this many images.
    pub fn new(size: Size, arrays: &Arrays, number: usize, rows: usize) -> Self {
        let [channels, height, width] = size.output();
        let outputs = size.pooled().iter().product();
        Self {
            size,
            weight: Parameter::read(arrays, &format!("{number}.weight")),
            bias: Parameter::read(arrays, &format!("{number}.bias")),
            patches: Array2::zeros((rows * size.depth(), height * width)),
            sums: Array2::zeros((channels, height * width)),
            patches_gradient: Array2::zeros((size.depth(), height * width)),
            output: Array2::zeros((rows, outputs)),
            gradient: Array2::zeros((rows, outputs)),
            chosen: vec![NONE; rows * outputs],
        }
    }

    /// Goes back to the first weights.
    pub fn restart(&mut self, first: &Self) {
        self.weight.restart(&first.weight);
        self.bias.restart(&first.bias);
    }

    /// The outputs of some images. Predictions need neither the choices nor the patches of more than one image.
    pub fn forward(&mut self, x: ArrayView2<'_, f32>, training: bool) {
        let depth = self.size.depth();
        for (row, image) in x.outer_iter().enumerate() {
            let start = if training { row * depth } else { 0 };
            let mut patches = self.patches.slice_mut(s![start..start + depth, ..]);
            gather(self.size, image.as_slice().unwrap_or_default(), patches.as_slice_mut().unwrap_or_default());
            general_mat_mul(1.0, &self.weight.value, &patches, 0.0, &mut self.sums);
            if training { self.pool::<true>(row) } else { self.pool::<false>(row) }
        }
    }

    /// Bias, ReLU and pooling of the sums.
    fn pool<const TRAINING: bool>(&mut self, row: usize) {
        let [_, _, width] = self.size.output();
        let [channels, pooled_height, pooled_width] = self.size.pooled();
        let outputs = channels * pooled_height * pooled_width;
        let lines = flat(&mut self.output)[row * outputs..][..outputs].chunks_exact_mut(pooled_width);
        let chosen = self.chosen[row * outputs..][..outputs].chunks_exact_mut(pooled_width);
        let sums = flat(&mut self.sums).chunks_exact(2 * width);
        let biases = self.bias.value.iter().flat_map(|bias| repeat_n(bias, pooled_height));
        for (((line, chosen), sums), bias) in lines.zip(chosen).zip(sums).zip(biases) {
            let (above, below) = sums.split_at(width);
            let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
            for ((y, chosen), (above, below)) in line.iter_mut().zip(chosen).zip(pairs) {
                if TRAINING {
                    let upper = if above[1] > above[0] { (above[1], 1) } else { (above[0], 0) };
                    let lower = if below[1] > below[0] { (below[1], 3) } else { (below[0], 2) };
                    let (largest, place) = if lower.0 > upper.0 { lower } else { upper };
                    let sum = largest + bias;
                    (*y, *chosen) = if sum > 0.0 { (sum, place) } else { (0.0, NONE) };
                } else {
                    *y = (above[0].max(above[1]).max(below[0].max(below[1])) + bias).max(0.0);
                }
            }
        }
    }

    /// From the gradient of the outputs to those of the weights, and to that of the inputs if it is needed.
    pub fn backward(&mut self, rows: usize, mut inputs: Option<&mut Array2<f32>>) {
        let depth = self.size.depth();
        flat(&mut self.bias.gradient).fill(0.0);
        for row in 0..rows {
            self.unpool(row);
            let patches = self.patches.slice(s![row * depth..(row + 1) * depth, ..]);
            let before = if row == 0 { 0.0 } else { 1.0 };
            general_mat_mul(1.0, &self.sums, &patches.t(), before, &mut self.weight.gradient);
            if let Some(inputs) = &mut inputs {
                general_mat_mul(1.0, &self.weight.value.t(), &self.sums, 0.0, &mut self.patches_gradient);
                let mut image: ArrayViewMut2<'_, f32> = inputs.slice_mut(s![row..row + 1, ..]);
                scatter(self.size, flat(&mut self.patches_gradient), image.as_slice_mut().unwrap_or_default());
            }
        }
    }

    /// The gradients of the sums, and of the biases.
    fn unpool(&mut self, row: usize) {
        let [_, _, width] = self.size.output();
        let [channels, pooled_height, pooled_width] = self.size.pooled();
        let outputs = channels * pooled_height * pooled_width;
        let lines = flat(&mut self.gradient)[row * outputs..][..outputs].chunks_exact(pooled_width);
        let chosen = self.chosen[row * outputs..][..outputs].chunks_exact(pooled_width);
        let sums = flat(&mut self.sums).chunks_exact_mut(2 * width);
        let biases = flat(&mut self.bias.gradient);
        for (index, ((line, chosen), sums)) in lines.zip(chosen).zip(sums).enumerate() {
            let (above, below) = sums.split_at_mut(width);
            let pairs = above.as_chunks_mut::<2>().0.iter_mut().zip(below.as_chunks_mut::<2>().0);
            let mut sum = 0.0;
            for ((dy, chosen), (above, below)) in line.iter().zip(chosen).zip(pairs) {
                let at = |place: u8| if *chosen == place { *dy } else { 0.0 };
                (*above, *below) = ([at(0), at(1)], [at(2), at(3)]);
                sum += if *chosen == NONE { 0.0 } else { *dy };
            }
            biases[index / pooled_height] += sum;
        }
    }
}

/// Calls `each` for each line of each patch: its place among the patches, the part of it within the image, and
/// where that part begins in the image. A line above or below the image has no such part.
#[inline(always)]
fn lines(size: Size, mut each: impl FnMut(usize, Range<usize>, usize)) {
    let Size { input: [channels, height, width], kernel, padding, .. } = size;
    let [_, out_height, out_width] = size.output();
    let mut at = 0;
    for channel in 0..channels {
        for ky in 0..kernel {
            for kx in 0..kernel {
                let (from, to) = (padding.saturating_sub(kx), out_width.min(width + padding - kx));
                let start = channel * height * width + from + kx - padding;
                for y in ky..ky + out_height {
                    if (padding..padding + height).contains(&y) {
                        each(at, from..to, start + (y - padding) * width);
                    } else {
                        each(at, 0..0, 0);
                    }
                    at += out_width;
                }
            }
        }
    }
}

/// Packs the patches of an image.
fn gather(size: Size, image: &[f32], patches: &mut [f32]) {
    let [_, _, width] = size.output();
    lines(size, |at, part, start| {
        let line = &mut patches[at..at + width];
        line[..part.start].fill(0.0);
        line[part.end..].fill(0.0);
        line[part.clone()].copy_from_slice(&image[start..start + part.len()]);
    });
}

/// Adds up the contributions of patches to an image.
fn scatter(size: Size, patches: &[f32], image: &mut [f32]) {
    image.fill(0.0);
    lines(size, |at, part, start| {
        let values = &patches[at + part.start..at + part.end];
        image[start..start + part.len()].iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    });
}
