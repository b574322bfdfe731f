//! Sixteen positions in a vector.
//!
//! The gradients of a tile of positions have the layout of a band, with zeros in the columns that
//! are not positions. A register tile then multiplies vectors of some outputs by what some weights
//! read, and the lanes of its sums are added up for each row of the batch.

use super::super::band::{self, Band, append, zeros};
use super::super::pass::taps;
use super::super::sizes::{self, Cut, Reading, in_least_memory};
use super::{Sums, Weights, block, blocks, tiles};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};
use crate::layers::window::Window;

/// Runs the first line whose condition holds; conditions are constants, so that only this line is
/// compiled.
macro_rules! choose {
    ($self:ident, $shape:expr; $($outputs:literal: $($weights:literal)*;)*) => {
        $($(if const { $shape.0 == $outputs && $shape.1 == $weights } {
            return $self.few::<I, $outputs, $weights>();
        })*)*
    };
}

/// The outputs and the weights of a register tile that needs the least time.
const fn shape(registers: usize, outputs: usize, weights: usize) -> (usize, usize) {
    const OUTPUTS: [usize; 6] = [8, 6, 4, 3, 2, 1];
    const WEIGHTS: [usize; 8] = [12, 9, 8, 6, 4, 3, 2, 1];
    let (mut best, mut least, mut index) = ((1, 1), usize::MAX, 0);
    while index < OUTPUTS.len() * WEIGHTS.len() {
        let (rows, columns) = (OUTPUTS[index / WEIGHTS.len()], WEIGHTS[index % WEIGHTS.len()]);
        index += 1;
        if rows * columns > registers || rows > outputs {
            continue;
        }
        let (products, loads) = (rows * columns, rows + columns);
        let busy = if products > loads { products } else { loads };
        let steps = if busy > 8 { busy } else { 8 };
        let time = outputs.div_ceil(rows) * weights.div_ceil(columns) * (steps + 4);
        if time < least {
            (best, least) = ((rows, columns), time);
        }
    }
    best
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize> Sums<'_, S, C, M, X, Y> {
    const SPREAD: Reading = sizes::forward::<S>(C, M, sizes::BAND / LANES / M);
    const SPREAD_CUT: Cut = Self::SPREAD.cut();

    #[inline(always)]
    pub(super) fn narrow<I: Isa>(mut self) {
        choose! {
            self, shape(I::SUMS, M, block::<S>(Self::SPREAD_CUT));
            8: 3 2 1;
            6: 4 3 2 1;
            4: 6 4 3 2 1;
            3: 8 6 4 3 2 1;
            2: 12 9 8 6 4 3 2 1;
            1: 12 9 8 6 4 3 2 1;
        }
    }

    /// In the least memory that suffices for the band and for the gradients.
    #[inline(always)]
    fn few<I: Isa, const O: usize, const R: usize>(&mut self) {
        in_least_memory!(Self::numbers(), 0, |B, _K| self.few_blocks::<I, O, R, B>());
    }

    /// The numbers of a band, or of the gradients where they are more.
    const fn numbers() -> usize {
        let (band, spread) = (Self::SPREAD_CUT.numbers(), M * Self::SPREAD_CUT.vectors * LANES);
        if band > spread { band } else { spread }
    }

    /// All blocks of weights, with bands of `B` numbers.
    #[inline(always)]
    fn few_blocks<I: Isa, const O: usize, const R: usize, const B: usize>(&mut self) {
        let (mut band, mut spread, cut) = (Band::<B>::new(), Band::<B>::new(), Self::SPREAD_CUT);
        let outputs = self.dw.len() / (C * taps::<S>());
        for weights in blocks::<S>(C, cut, usize::MAX) {
            for (x, dy) in self.x.iter().zip(self.dy) {
                let image = &x[self.group * Self::INPUTS..][..Self::INPUTS];
                let dy = &dy[self.first * Self::OUTPUTS..][..outputs * Self::OUTPUTS];
                for (origin, first) in tiles::<S>(cut) {
                    band::fill(&mut band, Self::SPREAD, cut, image, weights.part::<S>(origin, cut));
                    fill::<S, B>(&mut spread, cut, dy, origin, first);
                    for output in (0..outputs).step_by(O) {
                        for index in (0..weights.count).step_by(R) {
                            self.tile::<I::Vector, O, R>(weights, [output, index], &band, &spread);
                        }
                    }
                }
            }
        }
    }

    /// The products of some outputs and weights. What is left over is computed, and dropped.
    #[inline(always)]
    fn tile<V: Vector, const O: usize, const R: usize>(
        &mut self,
        weights: Weights,
        [output, index]: [usize; 2],
        band: &[f32],
        spread: &[f32],
    ) {
        let outputs = self.dw.len() / (C * taps::<S>());
        let (rows, columns) = ((outputs - output).min(O), (weights.count - index).min(R));
        let length = Self::SPREAD_CUT.vectors * LANES;
        let mut left = [&spread[..0]; O];
        each!(O, |o| {
            left[o] = &spread[(output + o.min(rows - 1)) * length..][..length];
        });
        let mut right = [&band[..0]; R];
        each!(R, |r| {
            right[r] = &band[weights.offset::<S>(Self::SPREAD_CUT, index + r.min(columns - 1))..][..length];
        });
        let sums = walk::<V, O, R>(left, right, length);
        each!(rows, |o| {
            each!(columns, |r| {
                self.dw[(output + o) * C * taps::<S>() + weights.place::<S>(index + r)] += sums[o][r];
            });
        });
    }
}

/// The sums of the products of each on the left with each on the right.
#[inline(always)]
fn walk<V: Vector, const O: usize, const R: usize>(
    left: [&[f32]; O],
    right: [&[f32]; R],
    length: usize,
) -> [[f32; R]; O] {
    let mut sums = [[V::splat(0.0); R]; O];
    let mut at = 0;
    while at + LANES <= length {
        let mut read = [V::splat(0.0); R];
        each!(R, |r| {
            read[r] = load(right[r], at);
        });
        each!(O, |o| {
            let gradient: V = load(left[o], at);
            each!(R, |r| {
                sums[o][r] = gradient.mul_add(read[r], sums[o][r]);
            });
        });
        at += LANES;
    }
    let mut numbers = [[0.0; R]; O];
    each!(O, |o| {
        each!(R, |r| {
            numbers[o][r] = sums[o][r].sum();
        });
    });
    numbers
}

#[inline(always)]
fn load<V: Vector>(numbers: &[f32], at: usize) -> V {
    match numbers[at..].first_chunk() {
        Some(vector) => V::load(vector),
        None => V::splat(0.0),
    }
}

/// The gradients `[outputs, OUTPUT]` of a tile of positions as a band has them. Those above and
/// left of `first` are zeros, since another tile has them.
#[inline(always)]
fn fill<S: Window, const B: usize>(spread: &mut Band<B>, cut: Cut, dy: &[f32], origin: [usize; 2], first: [usize; 2]) {
    let [height, width] = S::OUTPUT;
    spread.clear();
    for output in dy.chunks_exact(height * width) {
        let begin = spread.len();
        for row in origin[0]..origin[0] + cut.tile[0] {
            let skipped = if row < first[0] { cut.tile[1] } else { first[1] - origin[1] };
            zeros(spread, skipped);
            append(spread, &output[row * width + origin[1] + skipped..][..cut.tile[1] - skipped]);
            zeros(spread, (cut.plane[1] - cut.tile[1]).min(begin + cut.vectors * LANES - spread.len()));
        }
        zeros(spread, begin + cut.vectors * LANES - spread.len());
    }
}
