//! dW: sums over rows of the batch and positions, sixteen outputs in a vector.
//!
//! The gradients of a tile of positions are turned, so that those of sixteen outputs lie side by side. A register tile
//! then takes some weights of each of its outputs through all positions. Sums stay in memory of their own from row to
//! row, turned as well, and are begun and ended with what stands in dW.

use arrayvec::ArrayVec;
use core::marker::PhantomData;

use super::band::{self, Band, Part};
use super::pass::taps;
use super::sizes::{self, Cut, Reading};
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::layers::window::Window;
use crate::threads::{Shared, Split};

/// Vectors of turned gradients, and of sums: 32 KiB each.
const MOST: usize = 512;

/// Vectors, one after another.
type Lines = ArrayVec<[f32; LANES], MOST>;

/// dW += Σ dy·x.
pub struct WeightGradient<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize> {
    /// The window.
    pub window: S,
    /// The input rows.
    pub x: &'a [[f32; X]],
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; Y]],
    /// The gradient of W, added to.
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
            sums.run::<I>();
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

/// Runs the first line whose condition holds; conditions are constants, so that only this line is compiled.
macro_rules! choose {
    ($self:ident, $shape:expr; $($vectors:literal: $($rows:literal)*;)*) => {
        $($(if const { $shape.0 == $rows && $shape.1 == $vectors } { return $self.all::<I, $rows, $vectors>(); })*)*
    };
}

/// The rows (weights) and the vectors (of outputs) of a register tile that needs the least time.
const fn shape(registers: usize, weights: usize, outputs: usize) -> (usize, usize) {
    const ROWS: [usize; 14] = [24, 20, 18, 16, 13, 12, 10, 9, 8, 6, 4, 3, 2, 1];
    let vectors = if outputs > LANES && registers > 1 { 2 } else { 1 };
    let (mut best, mut least, mut index) = (1, usize::MAX, 0);
    while index < ROWS.len() {
        let rows = ROWS[index];
        index += 1;
        if rows * vectors > registers {
            continue;
        }
        let busy = if rows * vectors > rows + vectors { rows * vectors } else { rows + vectors };
        let steps = if busy > 8 { busy } else { 8 };
        if weights.div_ceil(rows) * steps < least {
            (best, least) = (rows, weights.div_ceil(rows) * steps);
        }
    }
    (best, vectors)
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Sums<'_, S, C, M, X, Y> {
    const READING: Reading = sizes::forward::<S>(C, M, MOST / LANES / Self::VECTORS);
    const CUT: Cut = Self::READING.cut();
    const VECTORS: usize = if M > LANES { 2 } else { 1 };
    const INPUTS: usize = C * S::INPUT[0] * S::INPUT[1];
    const OUTPUTS: usize = S::OUTPUT[0] * S::OUTPUT[1];

    /// The weights of an output that a band holds.
    const BLOCK: usize = if Self::CUT.by_rows { S::SIZE[1] } else { Self::CUT.channels * taps::<S>() };

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        choose! {
            self, shape(I::SUMS, Self::BLOCK, M);
            1: 24 20 18 16 13 12 10 9 8 6 4 3 2 1;
            2: 12 10 9 8 6 4 3 2 1;
        }
    }

    /// All blocks of weights, as many at a time as there is memory for their sums.
    #[inline(always)]
    fn all<I: Isa, const R: usize, const G: usize>(&mut self) {
        for channel in (0..C).step_by(Self::CUT.channels) {
            let channels = Self::CUT.channels.min(C - channel);
            for row in 0..if Self::CUT.by_rows { S::SIZE[0] } else { 1 } {
                let weights = if Self::CUT.by_rows { S::SIZE[1] } else { channels * taps::<S>() };
                for first in (0..weights).step_by(MOST / G) {
                    let count = (weights - first).min(MOST / G);
                    self.weights::<I, R, G>(Weights { channel, channels, row, first, count });
                }
            }
        }
    }

    /// Some weights of all outputs.
    #[inline(always)]
    fn weights<I: Isa, const R: usize, const G: usize>(&mut self, weights: Weights) {
        let (mut band, mut turned, mut sums) = (Band::new(), Lines::new(), Lines::new());
        let all = self.dw.len() / (C * taps::<S>());
        for output in (0..all).step_by(G * LANES) {
            let outputs = (all - output).min(G * LANES);
            self.begin::<G>(weights, output, outputs, &mut sums);
            for (x, dy) in self.x.iter().zip(self.dy) {
                let image = &x[self.group * Self::INPUTS..][..Self::INPUTS];
                let dy = &dy[(self.first + output) * Self::OUTPUTS..][..outputs * Self::OUTPUTS];
                let ([rows, columns], tile) = (S::OUTPUT, Self::CUT.tile);
                for row in (0..rows).step_by(tile[0]) {
                    for column in (0..columns).step_by(tile[1]) {
                        let origin = [row.min(rows - tile[0]), column.min(columns - tile[1])];
                        let shift = if Self::CUT.by_rows { S::DILATION[0] * weights.row } else { 0 };
                        let part = Part { channel: weights.channel, channels: weights.channels, origin, shift };
                        band::fill(&mut band, Self::READING, Self::CUT, image, part);
                        turn::<S, I::Vector, G>(dy, Self::CUT.tile, origin, [row, column], &mut turned);
                        Self::add::<I::Vector, R, G>(weights, &band, &turned, &mut sums);
                    }
                }
            }
            self.end::<G>(weights, output, outputs, &sums);
        }
    }

    /// Where a weight of the block stands among those of its output.
    #[inline(always)]
    fn place(weights: Weights, index: usize) -> usize {
        weights.channel * taps::<S>() + weights.row * S::SIZE[1] + weights.first + index
    }

    /// The sums begin with what stands in dW.
    #[inline(always)]
    fn begin<const G: usize>(&self, weights: Weights, output: usize, outputs: usize, sums: &mut Lines) {
        sums.clear();
        for index in 0..weights.count {
            for g in 0..G {
                let mut line = [0.0; LANES];
                for lane in 0..LANES.min(outputs.saturating_sub(g * LANES)) {
                    line[lane] = self.dw[(output + g * LANES + lane) * C * taps::<S>() + Self::place(weights, index)];
                }
                sums.push(line);
            }
        }
    }

    /// What stands in dW becomes the sums.
    #[inline(always)]
    fn end<const G: usize>(&mut self, weights: Weights, output: usize, outputs: usize, sums: &Lines) {
        for (index, sums) in sums.chunks_exact(G).enumerate() {
            for (lane, sum) in sums.as_flattened().iter().take(outputs).enumerate() {
                self.dw[(output + lane) * C * taps::<S>() + Self::place(weights, index)] = *sum;
            }
        }
    }

    /// Adds the products of a tile of positions.
    #[inline(always)]
    fn add<V: Vector, const R: usize, const G: usize>(weights: Weights, band: &Band, turned: &Lines, sums: &mut Lines) {
        for first in (0..weights.count).step_by(R) {
            let count = (weights.count - first).min(R);
            let mut offsets = [0; R];
            for r in 0..R {
                // What is left over is computed, and dropped.
                offsets[r] = Self::offset(weights.first + first + r.min(count - 1));
            }
            let mut tile = [[V::splat(0.0); G]; R];
            for r in 0..R {
                for g in 0..G {
                    tile[r][g] = V::load(&sums[(first + r.min(count - 1)) * G + g]);
                }
            }
            let tile = Self::walk(tile, offsets, band, turned);
            let mut stored = ArrayVec::<[V; G], R>::new();
            for r in 0..R {
                stored.push(tile[r]);
            }
            for (r, vectors) in stored.iter().take(count).enumerate() {
                for g in 0..G {
                    vectors[g].store(&mut sums[(first + r) * G + g]);
                }
            }
        }
    }

    /// Where a weight of a band reads for the first position.
    #[inline(always)]
    fn offset(weight: usize) -> usize {
        let (channel, tap) = (weight / taps::<S>(), weight % taps::<S>());
        let (k, l) = (tap / S::SIZE[1], tap % S::SIZE[1]);
        let cut = Self::CUT;
        channel * cut.channel()
            + cut.row(S::STRIDE[0], S::DILATION[0] * k)
            + cut.column(S::STRIDE[1], S::DILATION[1] * l)
    }

    /// All positions, for one register tile.
    #[inline(always)]
    fn walk<V: Vector, const R: usize, const G: usize>(
        mut sums: [[V; G]; R],
        offsets: [usize; R],
        band: &Band,
        turned: &Lines,
    ) -> [[V; G]; R] {
        let [rows, columns] = Self::CUT.tile;
        for row in 0..rows {
            let mut numbers = [&band[..0]; R];
            for r in 0..R {
                numbers[r] = &band[offsets[r] + row * Self::CUT.plane[1]..][..columns];
            }
            let gradients = &turned[row * columns * G..][..columns * G];
            for column in 0..columns {
                let mut right = [V::splat(0.0); G];
                for g in 0..G {
                    right[g] = V::load(&gradients[column * G + g]);
                }
                for r in 0..R {
                    let factor = V::splat(numbers[r][column]);
                    for g in 0..G {
                        sums[r][g] = factor.mul_add(right[g], sums[r][g]);
                    }
                }
            }
        }
        sums
    }
}

/// The gradients `[outputs, OUTPUT]` of a tile of positions, turned: for each position `G` vectors of outputs. Those above
/// and left of `first` are zeros, since another tile has them.
#[inline(always)]
fn turn<S: Window, V: Vector, const G: usize>(
    dy: &[f32],
    [rows, columns]: [usize; 2],
    origin: [usize; 2],
    first: [usize; 2],
    turned: &mut Lines,
) {
    let [height, width] = S::OUTPUT;
    turned.clear();
    if columns == width {
        let skipped = (first[0] - origin[0]) * width;
        skip::<G>(skipped, turned);
        return turn_run::<V, G>(dy, height * width, first[0] * width, rows * width - skipped, turned);
    }
    for row in origin[0]..origin[0] + rows {
        let skipped = if row < first[0] { columns } else { first[1] - origin[1] };
        skip::<G>(skipped, turned);
        turn_run::<V, G>(dy, height * width, row * width + origin[1] + skipped, columns - skipped, turned);
    }
}

/// Adds zeros for positions.
#[inline(always)]
fn skip<const G: usize>(positions: usize, turned: &mut Lines) {
    for _ in 0..positions * G {
        turned.push([0.0; LANES]);
    }
}

/// Adds neighbouring positions of outputs that are `positions` long.
#[inline(always)]
fn turn_run<V: Vector, const G: usize>(dy: &[f32], positions: usize, begin: usize, count: usize, turned: &mut Lines) {
    for begin in (begin..begin + count).step_by(LANES).map(|at| (at, LANES.min(begin + count - at))) {
        let (at, width) = begin;
        let mut squares = [[V::splat(0.0); LANES]; G];
        for g in 0..G {
            for (vector, output) in squares[g].iter_mut().zip(dy.chunks_exact(positions).skip(g * LANES)) {
                *vector = match output[at..at + width].first_chunk() {
                    Some(whole) => V::load(whole),
                    None => V::load_part(&output[at..at + width]),
                };
            }
            squares[g] = V::transpose(squares[g]);
        }
        for step in 0..width {
            for g in 0..G {
                let mut line = [0.0; LANES];
                squares[g][step].store(&mut line);
                turned.push(line);
            }
        }
    }
}
