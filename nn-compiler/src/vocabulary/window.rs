//! The sizes of a window that slides over an image or a sequence.

use crate::agreement::{BAND, LINE};

/// The sizes of a window over an input of known shape. Pairs are height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The channels of the input.
    pub channels: usize,
    /// The size of the input.
    pub input: [usize; 2],
    /// The size of the output.
    pub output: [usize; 2],
    /// The size of the window.
    pub size: [usize; 2],
    /// How far the window moves from one output to the next.
    pub stride: [usize; 2],
    /// How far it begins above and left of the input.
    pub padding: [usize; 2],
    /// The distance between the inputs in a window.
    pub dilation: [usize; 2],
}

impl Window {
    /// The number of outputs of a channel.
    pub fn positions(&self) -> usize {
        self.output[0] * self.output[1]
    }

    /// The largest reach of a row of a window plus sixteen strides: as much as a band of the runtime holds, less
    /// two vectors.
    pub const WIDEST: usize = BAND - 2 * LINE;

    /// Whether the runtime can read it: a band holds a row of the window beside sixteen positions, separated by
    /// the stride, also backward.
    pub fn is_computable(&self) -> bool {
        let (stride, reach) = (self.stride[1], self.dilation[1].saturating_mul(self.size[1] - 1));
        let planes = stride.min(reach.saturating_add(1));
        let forward = planes.saturating_mul(16 + reach / stride);
        let before = reach.saturating_sub(self.padding[1]).div_ceil(stride);
        forward <= Self::WIDEST && 16 + before + self.padding[1].div_ceil(stride) <= Self::WIDEST
    }

    /// How many products are summed in each output, with this many groups.
    pub fn products(&self, groups: usize) -> usize {
        self.channels / groups * self.taps()
    }

    /// Whether an input may be in two windows.
    pub fn overlaps(&self) -> bool {
        (0..2).any(|axis| self.stride[axis] < self.size[axis])
    }

    /// The inputs in the window of an output, by their places in a row; row by row, without padding.
    pub fn places(&self, output: usize) -> Vec<usize> {
        let [height, width] = self.output;
        let (channel, position) = (output / (height * width), [output / width % height, output % width]);
        let inside = |axis: usize| {
            let start = self.stride[axis] * position[axis];
            let taps = (0..self.size[axis]).map(move |tap| start + self.dilation[axis] * tap);
            taps.filter_map(move |at| at.checked_sub(self.padding[axis]).filter(|at| *at < self.input[axis]))
        };
        let row = |row: usize| (channel * self.input[0] + row) * self.input[1];
        inside(0).flat_map(|i| inside(1).map(move |j| row(i) + j)).collect()
    }

    /// How many inputs of a channel the window contains.
    pub fn taps(&self) -> usize {
        self.size[0] * self.size[1]
    }
}
