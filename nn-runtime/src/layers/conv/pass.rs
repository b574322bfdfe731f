//! The forward pass of a group, and that of its input gradient: sums over channels and taps.

use core::hint::black_box;
use core::marker::PhantomData;

use arrayvec::ArrayVec;

use super::band::{self, Band, Part};
use super::sizes::{Cut, Taps};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::layers::window::Window;

/// The sums of some outputs for all positions of a tile.
pub(super) type Stage<const K: usize> = ArrayVec<[f32; LANES], K>;

/// What taps are multiplied by.
pub(super) trait Weights: Copy {
    /// The weights of `M` sums.
    type Rows<const M: usize>: Copy;

    /// Those of one channel.
    type Channel<const M: usize>: Copy;

    /// The weights of sums `first..first + M`.
    fn rows<const M: usize>(self, first: usize) -> Self::Rows<M>;

    /// Those of one channel.
    fn channel<const M: usize>(rows: Self::Rows<M>, channel: usize) -> Self::Channel<M>;

    /// The one of sum `m` and a tap.
    fn at<const M: usize>(channel: Self::Channel<M>, m: usize, tap: usize) -> f32;
}

/// Weights of a group, `[sums, C, taps]`, of which the sums are outputs.
pub(super) struct Plain<'a, S, const C: usize>(pub &'a [f32], pub PhantomData<S>);

/// Weights of a group, `[channels, C, taps]`, of which the channels are outputs, and the sums are
/// inputs.
pub(super) struct Transposed<'a, S, const C: usize>(pub &'a [f32], pub PhantomData<S>);

macro_rules! copied {
    ($($weights:ident)*) => {$(
        impl<S, const C: usize> Clone for $weights<'_, S, C> {
            #[inline(always)]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<S, const C: usize> Copy for $weights<'_, S, C> {}
    )*};
}

copied! { Plain Transposed }

impl<'a, S: Window, const C: usize> Weights for Plain<'a, S, C> {
    type Rows<const M: usize> = [&'a [f32]; M];
    type Channel<const M: usize> = ([&'a [f32]; M], usize);

    #[inline(always)]
    fn rows<const M: usize>(self, first: usize) -> [&'a [f32]; M] {
        let length = C * taps::<S>();
        let mut rows = [self.0; M];
        each!(M, |m| {
            rows[m] = &self.0[(first + m) * length..][..length];
        });
        rows
    }

    #[inline(always)]
    fn channel<const M: usize>(rows: [&'a [f32]; M], channel: usize) -> Self::Channel<M> {
        (rows, channel * taps::<S>())
    }

    #[inline(always)]
    fn at<const M: usize>((rows, first): Self::Channel<M>, m: usize, tap: usize) -> f32 {
        rows[m][first + tap]
    }
}

impl<'a, S: Window, const C: usize> Weights for Transposed<'a, S, C> {
    type Rows<const M: usize> = (&'a [f32], usize);
    /// All of them, and those of each sum.
    type Channel<const M: usize> = (&'a [f32], [&'a [f32]; M]);

    #[inline(always)]
    fn rows<const M: usize>(self, first: usize) -> Self::Rows<M> {
        (self.0, first)
    }

    #[inline(always)]
    fn channel<const M: usize>((weights, first): Self::Rows<M>, channel: usize) -> Self::Channel<M> {
        let all = &weights[(channel * C + first) * taps::<S>()..][..M * taps::<S>()];
        let mut rows = [all; M];
        each!(M, |m| {
            rows[m] = &all[m * taps::<S>()..][..taps::<S>()];
        });
        (all, rows)
    }

    #[inline(always)]
    fn at<const M: usize>((all, rows): Self::Channel<M>, m: usize, tap: usize) -> f32 {
        if const { taps::<S>() == 1 } { all[m] } else { rows[m][tap] }
    }
}

/// How many taps a window has.
pub(super) const fn taps<S: Window>() -> usize {
    S::SIZE[0] * S::SIZE[1]
}

/// What sums begin with, and what becomes of them.
pub(super) trait Output {
    /// What a sum begins with.
    fn begin(&self, sum: usize) -> f32;

    /// Takes a sum for the positions of a tile from `origin` on: rows of `cut.plane[1]` numbers.
    fn finish<I: Isa>(&mut self, sum: usize, origin: [usize; 2], cut: Cut, sums: &[f32]);
}

/// Runs the first line whose condition holds; conditions are constants, so that only this line is
/// compiled.
macro_rules! choose {
    ($self:ident, $shape:expr; $($rows:literal $vectors:literal)*) => {
        $(if const { $shape.0 == $rows && $shape.1 == $vectors } { return $self.all::<I, $rows, $vectors>(); })*
    };
}

/// The rows and the vectors of a register tile that needs the least time for so many sums and
/// vectors.
const fn shape(registers: usize, sums: usize, vectors: usize) -> (usize, usize) {
    const ROWS: [usize; 7] = [12, 8, 6, 4, 3, 2, 1];
    const VECTORS: [usize; 6] = [1, 2, 3, 4, 6, 8];
    let (mut best, mut least, mut index) = ((1, 1), usize::MAX, 0);
    while index < ROWS.len() * VECTORS.len() {
        let (rows, width) = (ROWS[index / VECTORS.len()], VECTORS[index % VECTORS.len()]);
        index += 1;
        if rows > sums || width > vectors || rows * width > registers {
            continue;
        }
        // Two multiply-adds or two loads at a time; a sum waits four times as long for itself; a
        // tap costs some steps more.
        let (products, loads) = (rows * width, rows + width);
        let busy = if products > loads { products } else { loads };
        let steps = if busy > 8 { busy } else { 8 };
        let time = sums.div_ceil(rows) * vectors.div_ceil(width) * (steps + 6);
        if time < least {
            (best, least) = ((rows, width), time);
        }
    }
    best
}

/// One pass over an image for one group.
pub(super) struct Pass<'a, T, W, O, const B: usize, const K: usize> {
    pub taps: T,
    pub weights: W,
    /// The channels that are read.
    pub image: &'a [f32],
    pub out: O,
    pub band: &'a mut Band<B>,
    pub stage: &'a mut Stage<K>,
}

/// The vectors of sums that a pass keeps.
pub(super) const fn vectors<I: Isa, T: Taps>() -> usize {
    shape(I::SUMS, T::READING.sums, T::CUT.vectors).0 * T::CUT.vectors
}

impl<T: Taps, W: Weights, O: Output, const B: usize, const K: usize> Pass<'_, T, W, O, B, K> {
    /// Whether a band holds all channels and all rows of the window.
    const WHOLE: bool = T::CUT.channels == T::READING.channels && !T::CUT.by_rows;

    const fn shape<I: Isa>() -> (usize, usize) {
        shape(I::SUMS, T::READING.sums, T::CUT.vectors)
    }

    #[inline(always)]
    pub fn run<I: Isa>(mut self) {
        choose! {
            self, Self::shape::<I>();
            12 1  12 2
            8 1  8 2  8 3
            6 1  6 2  6 3  6 4
            4 1  4 2  4 3  4 4  4 6
            3 1  3 2  3 3  3 4  3 6  3 8
            2 1  2 2  2 3  2 4  2 6  2 8
            1 1  1 2  1 3  1 4  1 6  1 8
        }
    }

    /// All tiles of positions. The last one in each direction is as large as the others, and may
    /// repeat some.
    #[inline(always)]
    fn all<I: Isa, const M: usize, const G: usize>(&mut self) {
        while self.stage.len() < M * T::CUT.vectors {
            self.stage.push([0.0; LANES]);
        }
        let ([rows, columns], tile) = (T::READING.positions, T::CUT.tile);
        for row in (0..rows).step_by(tile[0]) {
            for column in (0..columns).step_by(tile[1]) {
                self.tile::<I, M, G>([row.min(rows - tile[0]), column.min(columns - tile[1])]);
            }
        }
    }

    /// All sums of a tile of positions.
    #[inline(always)]
    fn tile<I: Isa, const M: usize, const G: usize>(&mut self, origin: [usize; 2]) {
        if const { Self::WHOLE } {
            self.fill(Part { channel: 0, channels: T::READING.channels, origin, shift: 0 });
        }
        for first in (0..T::READING.sums).step_by(M) {
            let first = first.min(T::READING.sums - M);
            let rows = self.weights.rows::<M>(first);
            if const { Self::WHOLE } {
                self.sums::<I, M, G>(first, rows, Block { channel: 0, row: 0, is_first: true });
            } else {
                self.blocks::<I, M, G>(first, rows, origin);
            }
            for (m, sums) in self.stage.chunks_exact(T::CUT.vectors).take(M).enumerate() {
                self.out.finish::<I>(first + m, origin, T::CUT, sums.as_flattened());
            }
        }
    }

    #[inline(always)]
    fn fill(&mut self, part: Part) {
        band::fill(self.band, T::READING, T::CUT, self.image, part);
    }

    /// The sums of a tile, over some channels at a time, or over one row of one channel.
    #[inline(always)]
    fn blocks<I: Isa, const M: usize, const G: usize>(&mut self, first: usize, rows: W::Rows<M>, origin: [usize; 2]) {
        let mut is_first = true;
        for channel in (0..T::READING.channels).step_by(T::CUT.channels) {
            let channels = T::CUT.channels.min(T::READING.channels - channel);
            if !T::CUT.by_rows {
                self.fill(Part { channel, channels, origin, shift: 0 });
                self.sums::<I, M, G>(first, rows, Block { channel, row: 0, is_first });
                is_first = false;
                continue;
            }
            each!(T::SIZE[0], |row| {
                let Some(shift) = self.taps.row(row) else { continue };
                self.fill(Part { channel, channels, origin, shift });
                self.sums::<I, M, G>(first, rows, Block { channel, row, is_first });
                is_first = false;
            });
        }
        if is_first {
            self.sums::<I, M, G>(first, rows, Block { channel: T::READING.channels, row: 0, is_first });
        }
    }

    /// `M` sums over what the band holds, `G` vectors at a time.
    #[inline(always)]
    fn sums<I: Isa, const M: usize, const G: usize>(&mut self, first: usize, rows: W::Rows<M>, block: Block) {
        let vectors = T::CUT.vectors;
        for vector in (0..vectors).step_by(G) {
            let vector = vector.min(vectors - G);
            let mut sums = [[I::Vector::splat(0.0); G]; M];
            each!(M, |m| {
                each!(G, |g| {
                    sums[m][g] = if block.is_first {
                        I::Vector::splat(self.out.begin(first + m))
                    } else {
                        I::Vector::load(&self.stage[m * vectors + vector + g])
                    };
                });
            });
            let sums = self.walk::<I::Vector, M, G>(sums, rows, block, vector * LANES);
            let mut stored = ArrayVec::<[I::Vector; G], M>::new();
            each!(M, |m| {
                stored.push(sums[m]);
            });
            for (m, sums) in stored.iter().enumerate() {
                each!(G, |g| {
                    sums[g].store(&mut self.stage[m * vectors + vector + g]);
                });
            }
        }
    }

    /// Adds the products of all channels and taps of a band for one register tile.
    #[inline(always)]
    fn walk<V: Vector, const M: usize, const G: usize>(
        &self,
        mut sums: [[V; G]; M],
        rows: W::Rows<M>,
        block: Block,
        at: usize,
    ) -> [[V; G]; M] {
        let (cut, stride) = (T::CUT, T::READING.stride);
        // Were it known how few rounds the inner loops have, they would be unrolled, and what all
        // rounds load would take the registers of the sums.
        let [height, width] = black_box(T::SIZE);
        for (channel, numbers) in
            (block.channel..T::READING.channels.min(block.channel + cut.channels)).zip((at..).step_by(cut.channel()))
        {
            let weights = W::channel::<M>(rows, channel);
            let last = if cut.by_rows { block.row + 1 } else { height };
            each!(block.row, last, |k| {
                let Some(row) = self.taps.row(k) else { continue };
                let numbers = numbers + cut.row(stride[0], row);
                each!(width, |l| {
                    let Some(column) = self.taps.column(l) else { continue };
                    let from = &self.band[numbers + cut.column(stride[1], column)..][..G * LANES];
                    let (from, _) = from.as_chunks::<LANES>();
                    let mut right = [V::splat(0.0); G];
                    each!(G, |g| {
                        right[g] = V::load(&from[g]);
                    });
                    each!(M, |m| {
                        let factor = V::splat(W::at::<M>(weights, m, k * T::SIZE[1] + l));
                        each!(G, |g| {
                            sums[m][g] = factor.mul_add(right[g], sums[m][g]);
                        });
                    });
                });
            });
        }
        sums
    }
}

/// What of the sums a band holds.
#[derive(Clone, Copy)]
struct Block {
    channel: usize,
    /// The row of the window, where there is one only.
    row: usize,
    /// Whether sums begin here.
    is_first: bool,
}
