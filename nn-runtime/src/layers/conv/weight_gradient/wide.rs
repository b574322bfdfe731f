//! Sixteen outputs in a vector.
//!
//! The gradients of a tile of positions are transposed, so that those of sixteen outputs are
//! neighbours. A register tile then takes some weights of each of its outputs through all
//! positions. The accumulators have memory of their own from row to row, transposed as well; they
//! start from dW and are written back to it at the end.

use arrayvec::ArrayVec;

use super::super::band::{self, Band};
use super::super::pass::taps;
use super::super::sizes::{self, Cut, Reading, STAGE, in_least_memory};
use super::{Sums, Weights, block, blocks, tiles};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::layers::window::Window;

/// Vectors of transposed gradients, and of accumulators, at most: 32 KiB each.
const MOST: usize = STAGE;

/// Vectors, one after another.
type Lines<const K: usize> = ArrayVec<[f32; LANES], K>;

/// Runs the first line whose condition holds; conditions are constants, so that only this line is
/// compiled.
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
    #[inline(always)]
    pub(super) fn wide<I: Isa>(mut self) {
        choose! {
            self, shape(I::SUMS, block::<S>(Self::CUT), M);
            1: 24 20 18 16 13 12 10 9 8 6 4 3 2 1;
            2: 12 10 9 8 6 4 3 2 1;
        }
    }

    /// In the least memory that suffices.
    #[inline(always)]
    fn all<I: Isa, const R: usize, const G: usize>(&mut self) {
        in_least_memory!(Self::CUT.numbers(), Self::lines(G), |B, K| self.all_blocks::<I, R, G, B, K>());
    }

    /// The vectors of transposed gradients, or of accumulators where they are more.
    const fn lines(group: usize) -> usize {
        let (positions, weights) = (Self::CUT.tile[0] * Self::CUT.tile[1], block::<S>(Self::CUT));
        let lines = group * if positions > weights { positions } else { weights };
        if lines > MOST { MOST } else { lines }
    }

    /// All blocks of weights, as many at a time as there is memory for their sums.
    #[inline(always)]
    fn all_blocks<I: Isa, const R: usize, const G: usize, const B: usize, const K: usize>(&mut self) {
        for weights in blocks::<S>(C, Self::CUT, MOST / G) {
            self.weights::<I, R, G, B, K>(weights);
        }
    }

    /// Some weights of all outputs.
    #[inline(always)]
    fn weights<I: Isa, const R: usize, const G: usize, const B: usize, const K: usize>(&mut self, weights: Weights) {
        let (mut band, mut transposed, mut sums) = (Band::<B>::new(), Lines::<K>::new(), Lines::<K>::new());
        let all = self.dw.len() / (C * taps::<S>());
        for output in (0..all).step_by(G * LANES) {
            let outputs = (all - output).min(G * LANES);
            self.begin::<G, K>(weights, output, outputs, &mut sums);
            for (x, dy) in self.x.iter().zip(self.dy) {
                let image = &x[self.group * Self::INPUTS..][..Self::INPUTS];
                let dy = &dy[(self.first + output) * Self::OUTPUTS..][..outputs * Self::OUTPUTS];
                for (origin, first) in tiles::<S>(Self::CUT) {
                    band::fill(&mut band, Self::READING, Self::CUT, image, weights.part::<S>(origin, Self::CUT));
                    transpose::<S, I::Vector, G, K>(dy, Self::CUT.tile, origin, first, &mut transposed);
                    Self::add::<I::Vector, R, G>(weights, &band, &transposed, &mut sums);
                }
            }
            self.end::<G>(weights, output, outputs, &sums);
        }
    }

    /// The accumulators start from dW.
    #[inline(always)]
    fn begin<const G: usize, const K: usize>(
        &self,
        weights: Weights,
        output: usize,
        outputs: usize,
        sums: &mut Lines<K>,
    ) {
        sums.clear();
        each!(weights.count, |index| {
            each!(G, |g| {
                let mut line = [0.0; LANES];
                each!(LANES.min(outputs.saturating_sub(g * LANES)), |lane| {
                    line[lane] = self.dw[(output + g * LANES + lane) * C * taps::<S>() + weights.place::<S>(index)];
                });
                sums.push(line);
            });
        });
    }

    /// Writes the accumulators to dW.
    #[inline(always)]
    fn end<const G: usize>(&mut self, weights: Weights, output: usize, outputs: usize, sums: &[[f32; LANES]]) {
        for (index, sums) in sums.chunks_exact(G).enumerate() {
            for (lane, sum) in sums.as_flattened().iter().take(outputs).enumerate() {
                self.dw[(output + lane) * C * taps::<S>() + weights.place::<S>(index)] = *sum;
            }
        }
    }

    /// Adds the products of a tile of positions.
    #[inline(always)]
    fn add<V: Vector, const R: usize, const G: usize>(
        weights: Weights,
        band: &[f32],
        transposed: &[[f32; LANES]],
        sums: &mut [[f32; LANES]],
    ) {
        for first in (0..weights.count).step_by(R) {
            let count = (weights.count - first).min(R);
            let mut offsets = [0; R];
            each!(R, |r| {
                // What is left over is computed, and dropped.
                offsets[r] = weights.offset::<S>(Self::CUT, first + r.min(count - 1));
            });
            let mut tile = [[V::splat(0.0); G]; R];
            each!(R, |r| {
                each!(G, |g| {
                    tile[r][g] = V::load(&sums[(first + r.min(count - 1)) * G + g]);
                });
            });
            let tile = Self::walk(tile, offsets, band, transposed);
            let mut stored = ArrayVec::<[V; G], R>::new();
            each!(R, |r| {
                stored.push(tile[r]);
            });
            for (r, vectors) in stored.iter().take(count).enumerate() {
                each!(G, |g| {
                    vectors[g].store(&mut sums[(first + r) * G + g]);
                });
            }
        }
    }

    /// All positions, for one register tile.
    #[inline(always)]
    fn walk<V: Vector, const R: usize, const G: usize>(
        mut sums: [[V; G]; R],
        offsets: [usize; R],
        band: &[f32],
        transposed: &[[f32; LANES]],
    ) -> [[V; G]; R] {
        let [rows, columns] = Self::CUT.tile;
        each!(rows, |row| {
            let mut numbers = [&band[..0]; R];
            each!(R, |r| {
                numbers[r] = &band[offsets[r] + row * Self::CUT.plane[1]..][..columns];
            });
            let gradients = &transposed[row * columns * G..][..columns * G];
            each!(columns, |column| {
                let mut right = [V::splat(0.0); G];
                each!(G, |g| {
                    right[g] = V::load(&gradients[column * G + g]);
                });
                each!(R, |r| {
                    let factor = V::splat(numbers[r][column]);
                    each!(G, |g| {
                        sums[r][g] = factor.mul_add(right[g], sums[r][g]);
                    });
                });
            });
        });
        sums
    }
}

/// The gradients `[outputs, OUTPUT]` of a tile of positions, transposed: for each position `G`
/// vectors of outputs. Those above and left of `first` are zeros, since another tile has them.
#[inline(always)]
fn transpose<S: Window, V: Vector, const G: usize, const K: usize>(
    dy: &[f32],
    [rows, columns]: [usize; 2],
    origin: [usize; 2],
    first: [usize; 2],
    transposed: &mut Lines<K>,
) {
    let [height, width] = S::OUTPUT;
    transposed.clear();
    if columns == width {
        let skipped = (first[0] - origin[0]) * width;
        skip::<G, K>(skipped, transposed);
        return transpose_run::<V, G, K>(dy, height * width, first[0] * width, rows * width - skipped, transposed);
    }
    for row in origin[0]..origin[0] + rows {
        let skipped = if row < first[0] { columns } else { first[1] - origin[1] };
        skip::<G, K>(skipped, transposed);
        transpose_run::<V, G, K>(dy, height * width, row * width + origin[1] + skipped, columns - skipped, transposed);
    }
}

/// Adds zeros for positions.
#[inline(always)]
fn skip<const G: usize, const K: usize>(positions: usize, transposed: &mut Lines<K>) {
    each!(positions * G, |_step| {
        transposed.push([0.0; LANES]);
    });
}

/// Adds neighbouring positions of outputs that have `positions` numbers.
#[inline(always)]
fn transpose_run<V: Vector, const G: usize, const K: usize>(
    dy: &[f32],
    positions: usize,
    begin: usize,
    count: usize,
    transposed: &mut Lines<K>,
) {
    for begin in (begin..begin + count).step_by(LANES).map(|at| (at, LANES.min(begin + count - at))) {
        let (at, width) = begin;
        let mut squares = [[V::splat(0.0); LANES]; G];
        each!(G, |g| {
            for (vector, output) in squares[g].iter_mut().zip(dy.chunks_exact(positions).skip(g * LANES)) {
                *vector = match output[at..at + width].first_chunk() {
                    Some(whole) => V::load(whole),
                    None => V::load_part(&output[at..at + width]),
                };
            }
            squares[g] = V::transpose(squares[g]);
        });
        each!(width, |step| {
            each!(G, |g| {
                let mut line = [0.0; LANES];
                squares[g][step].store(&mut line);
                transposed.push(line);
            });
        });
    }
}
