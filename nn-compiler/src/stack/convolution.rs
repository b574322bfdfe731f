//! The buffers of a convolution: bands of an image, and vectors of sums.
//!
//! The runtime cuts an image until a part of it fits, and takes the least capacity that suffices
//! (`nn-runtime/src/layers/conv/sizes.rs`). Here the image is not cut, so that it never takes more.

use crate::agreement::{CONV_BANDS, CONV_STAGES, LINE};
use crate::vocabulary::Window;

/// Sums of a pass that are computed together, at most.
const TILE_ROWS: usize = 12;

/// Outputs of a group up to which its weight gradient may have sixteen positions in a vector.
const NARROW: usize = LINE / 2;

/// A convolution of a group of channels.
pub(super) struct Convolution<'a> {
    window: &'a Window,
    /// Channels of a group.
    channels: usize,
    /// Outputs of a group.
    outputs: usize,
}

/// What a pass reads for which positions. Pairs are height and width.
struct Reading {
    positions: [usize; 2],
    stride: [usize; 2],
    shift: [usize; 2],
    channels: usize,
}

impl<'a> Convolution<'a> {
    /// The convolution with this window, whose output has `width` numbers.
    pub(super) fn new(window: &'a Window, groups: usize, width: usize) -> Self {
        let outputs = width / window.positions() / groups;
        Self { window, channels: window.channels / groups, outputs }
    }

    /// Of y = W∗x + b.
    pub(super) fn forward(&self) -> usize {
        let reading = self.outputs_reading();
        reading.band() + stage(reading.vectors() * self.outputs.min(TILE_ROWS))
    }

    /// Of dx.
    pub(super) fn input_gradient(&self) -> usize {
        let Window { input, size, stride, padding, dilation, .. } = *self.window;
        let shift = |axis: usize| {
            let before = (dilation[axis] * (size[axis] - 1)).saturating_sub(padding[axis]).div_ceil(stride[axis]);
            before + padding[axis].div_ceil(stride[axis])
        };
        let reading = Reading {
            positions: [input[0].div_ceil(stride[0]), input[1].div_ceil(stride[1])],
            stride: [1, 1],
            shift: [shift(0), shift(1)],
            channels: self.outputs,
        };
        reading.band() + stage(reading.vectors() * self.channels.min(TILE_ROWS))
    }

    /// Of dW.
    pub(super) fn weight_gradient(&self) -> usize {
        let reading = self.outputs_reading();
        // Transposed gradients and accumulators, each for up to two vectors of outputs.
        let weights = self.channels * self.window.taps();
        let wide = reading.band() + 2 * stage(2 * self.window.positions().max(weights));
        if self.outputs > NARROW {
            return wide;
        }
        // A band, and the gradients in the layout of one, of one capacity.
        let gradients = self.outputs * reading.vectors() * LINE;
        wide.max(2 * band(gradients.max(reading.numbers())))
    }

    /// What the positions of the outputs read.
    fn outputs_reading(&self) -> Reading {
        let Window { output, size, stride, dilation, .. } = *self.window;
        let shift = [dilation[0] * (size[0] - 1), dilation[1] * (size[1] - 1)];
        Reading { positions: output, stride, shift, channels: self.channels }
    }
}

impl Reading {
    /// The columns of a plane, or its rows.
    fn plane(&self, axis: usize) -> usize {
        self.positions[axis] + self.shift[axis] / self.stride[axis]
    }

    /// The numbers of a band.
    fn numbers(&self) -> usize {
        let planes = |axis: usize| self.stride[axis].min(self.shift[axis] + 1);
        self.channels * planes(0) * planes(1) * self.plane(0) * self.plane(1) + LINE
    }

    /// The bytes of a band.
    fn band(&self) -> usize {
        band(self.numbers())
    }

    /// The vectors of positions.
    fn vectors(&self) -> usize {
        ((self.positions[0] - 1) * self.plane(1) + self.positions[1]).div_ceil(LINE)
    }
}

/// The bytes of a band for so many numbers.
fn band(numbers: usize) -> usize {
    size_of::<f32>() * least(numbers, CONV_BANDS)
}

/// The bytes of a place for so many vectors.
fn stage(vectors: usize) -> usize {
    size_of::<[f32; LINE]>() * least(vectors, CONV_STAGES)
}

/// The least capacity that suffices, or the largest, for which the runtime cuts.
fn least<const N: usize>(needed: usize, capacities: [usize; N]) -> usize {
    let [.., largest] = capacities[..] else { return needed };
    capacities.into_iter().find(|capacity| needed <= *capacity).unwrap_or(largest)
}
