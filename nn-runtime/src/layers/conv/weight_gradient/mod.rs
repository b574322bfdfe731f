//! dW: sums over rows of the batch and positions.
//!
//! Where a group has many outputs, sixteen of them share a vector ([`wide`]); where it has few,
//! sixteen positions do ([`narrow`]). Either way each row of the batch adds to dW, one after
//! another.

mod narrow;
mod wide;

use core::marker::PhantomData;

use super::band::Part;
use super::pass::taps;
use super::sizes::Cut;
use crate::isa::{Isa, Kernel, LANES};
use crate::layers::window::Window;
use crate::threads::{Shared, Split};

/// dW += Σ dy·x.
pub struct WeightGradient<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize> {
    /// The window.
    pub window: S,
    /// The input rows.
    pub x: &'a [[f32; X]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; Y]],
    /// The gradient of W, accumulated.
    pub dw: &'a mut [f32],
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Kernel
    for WeightGradient<'_, S, C, M, X, Y>
{
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.piece().run::<I>();
    }
}

impl<'a, S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> WeightGradient<'a, S, C, M, X, Y> {
    #[inline(always)]
    fn piece(self) -> Outputs<'a, S, C, M, X, Y> {
        let Self { window, x, dy, dw } = self;
        Outputs { window, x, dy, first: 0, dw }
    }
}

impl<'a, S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Shared
    for WeightGradient<'a, S, C, M, X, Y>
{
    type Piece = Outputs<'a, S, C, M, X, Y>;

    fn whole(self) -> Self::Piece {
        self.piece()
    }
}

/// Some outputs of [`WeightGradient`].
pub struct Outputs<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize> {
    window: S,
    x: &'a [[f32; X]],
    dy: &'a [[f32; Y]],
    /// The first output.
    first: usize,
    /// The gradient of their weights.
    dw: &'a mut [f32],
}

/// By outputs.
impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Split for Outputs<'_, S, C, M, X, Y> {
    const GRAIN: usize = LANES;

    fn size(&self) -> usize {
        self.dw.len() / (C * taps::<S>())
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let Self { window, x, dy, first, dw } = self;
        let (dw, rest) = dw.split_at_mut(index * C * taps::<S>());
        (Self { window, x, dy, first, dw }, Self { window, x, dy, first: first + index, dw: rest })
    }
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Kernel for Outputs<'_, S, C, M, X, Y> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.dy.len(), "one gradient row for each input row");
        // Each group has outputs of its own, of which these may be some.
        let (mut output, last) = (self.first, self.first + self.dw.len() / (C * taps::<S>()));
        let mut dw = self.dw;
        while output < last {
            let group = output / M;
            let outputs = last.min((group + 1) * M) - output;
            let (part, rest) = dw.split_at_mut(outputs * C * taps::<S>());
            let sums =
                Sums::<S, C, M, X, Y> { window: PhantomData, x: self.x, dy: self.dy, group, first: output, dw: part };
            if const { Sums::<S, C, M, X, Y>::NARROW } {
                sums.narrow::<I>();
            } else {
                sums.wide::<I>();
            }
            (dw, output) = (rest, output + outputs);
        }
    }
}

/// The gradients of the weights of some outputs of a group.
struct Sums<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize> {
    window: PhantomData<S>,
    x: &'a [[f32; X]],
    dy: &'a [[f32; Y]],
    group: usize,
    /// The first output, of all.
    first: usize,
    dw: &'a mut [f32],
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Sums<'_, S, C, M, X, Y> {
    const INPUTS: usize = C * S::INPUT[0] * S::INPUT[1];
    const OUTPUTS: usize = S::OUTPUT[0] * S::OUTPUT[1];

    /// Whether positions are what shares a vector: each sum of vectors costs ten steps more than
    /// its products, and transposing gradients costs ten for each position.
    const NARROW: bool = {
        let weights = C * taps::<S>();
        M <= LANES / 2 && weights * M * (Self::OUTPUTS.div_ceil(LANES) + 10) < Self::OUTPUTS * (weights + 10)
    };
}

/// Which weights of each output are summed up at a time: those of a block that a band holds.
#[derive(Clone, Copy)]
struct Weights {
    /// What the band holds.
    channel: usize,
    channels: usize,
    row: usize,
    /// The first weight, of those of the block, and how many.
    first: usize,
    count: usize,
}

impl Weights {
    /// The index of one of them among those of its output.
    #[inline(always)]
    fn place<S: Window>(self, index: usize) -> usize {
        self.channel * taps::<S>() + self.row * S::SIZE[1] + self.first + index
    }

    /// Where one of them reads for the first position of a band.
    #[inline(always)]
    fn offset<S: Window>(self, cut: Cut, index: usize) -> usize {
        let (channel, tap) = ((self.first + index) / taps::<S>(), (self.first + index) % taps::<S>());
        let (k, l) = (tap / S::SIZE[1], tap % S::SIZE[1]);
        let row = cut.row(S::STRIDE[0], S::DILATION[0] * k);
        channel * cut.channel() + row + cut.column(S::STRIDE[1], S::DILATION[1] * l)
    }

    /// What the band holds for a tile of positions.
    #[inline(always)]
    fn part<S: Window>(self, origin: [usize; 2], cut: Cut) -> Part {
        let shift = if cut.by_rows { S::DILATION[0] * self.row } else { 0 };
        Part { channel: self.channel, channels: self.channels, origin, shift }
    }
}

/// The weights of an output that a band holds.
const fn block<S: Window>(cut: Cut) -> usize {
    if cut.by_rows { S::SIZE[1] } else { cut.channels * taps::<S>() }
}

/// All blocks of weights of `channels` channels, at most so many weights at a time.
fn blocks<S: Window>(channels: usize, cut: Cut, most: usize) -> impl Iterator<Item = Weights> {
    let rows = if cut.by_rows { S::SIZE[0] } else { 1 };
    (0..channels).step_by(cut.channels).flat_map(move |channel| (0..rows).map(move |row| (channel, row))).flat_map(
        move |(channel, row)| {
            let channels = cut.channels.min(channels - channel);
            let weights = if cut.by_rows { S::SIZE[1] } else { channels * taps::<S>() };
            (0..weights).step_by(most).map(move |first| {
                let count = (weights - first).min(most);
                Weights { channel, channels, row, first, count }
            })
        },
    )
}

/// The tiles of positions: where each begins, and the first position that no tile before it had.
fn tiles<S: Window>(cut: Cut) -> impl Iterator<Item = ([usize; 2], [usize; 2])> {
    let ([rows, columns], tile) = (S::OUTPUT, cut.tile);
    (0..rows).step_by(tile[0]).flat_map(move |row| {
        let begin = move |column: usize| [row.min(rows - tile[0]), column.min(columns - tile[1])];
        (0..columns).step_by(tile[1]).map(move |column| (begin(column), [row, column]))
    })
}
