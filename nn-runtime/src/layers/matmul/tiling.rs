//! One tile of a product, computed by a precompiled tile: its operands, its walk, its sums.

use super::choose::choose_largest;
use super::factors::{Left, Right};
use super::inner_loop::{Ahead, PackedColumns, Strided};
use super::line::Line;
use super::output::{Begin, Output};
use super::product::Product;
use super::segment::{DepthRange, Segment};
use super::tile::{self, Factor, PANEL, Panel, Start, Sums, Tile, WIDEST};
use crate::each::each;
use crate::isa::{Isa, LANES, Running, Vector};

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// Whether the sums of a tile are kept in the output, rather than beside it.
    #[inline(always)]
    fn keeps_in_output(&mut self, at: At) -> bool {
        at.segment.width.is_multiple_of(LANES) && self.out.partial().is_some()
    }

    /// The walk of a tile, on operands that were packed for it or as they are in memory.
    #[inline(always)]
    pub(super) fn walk<I: Isa>(&mut self, at: At, operands: Option<PackedOperands<'_>>, sums: &mut Sums) {
        let mut row = [Line::ZERO; WIDEST];
        let begin = self.begin::<I>(at, &mut row, sums);
        let (is_direct, factor) = (self.keeps_in_output(at), self.right);
        let right = match operands {
            Some(operands) => Panel::Packed(operands.panel),
            None => {
                let numbers = matrix_of(&factor).as_flattened().get(at.segment.column..).unwrap_or_default();
                Panel::Strided { numbers, stride: N, width: at.segment.width }
            }
        };
        let left = match operands {
            Some(operands) if A::IS_SCATTERED => Factor::Packed(operands.left),
            _ => self.left.factor(at.row, at.range),
        };
        let (rows, vectors) = (at.count, at.segment.vectors());
        let (sums, stride) = match self.out.partial() {
            Some(partial) if is_direct => (&mut partial.as_flattened_mut()[at.row * N + at.segment.column..], N),
            _ => (&mut sums.0[..], vectors * LANES),
        };
        let tile = Tile { left, right, rows, vectors, begin, sums, stride };
        let fits = match operands {
            Some(_) => !A::IS_SCATTERED && vectors == I::WIDTH,
            None => at.segment.width == I::WIDTH * LANES,
        };
        if fits && rows * I::WIDTH == I::SUMS {
            choose_largest! { I => largest(self.left, factor, tile, at, operands) }
        } else {
            tile::compute(Running::on::<I>(), tile);
        }
    }

    /// The largest tile, where nearly all the time is spent, compiled for the sizes of the layer:
    /// rows of the left factor are at constant distances, since there are too few registers for
    /// twelve addresses.
    #[inline(always)]
    fn largest<I: Isa, const M: usize, const G: usize>(
        left: A,
        right: B,
        tile: Tile<'_>,
        at: At,
        operands: Option<PackedOperands<'_>>,
    ) {
        let left = left.rows::<M>(at.row, at.range.first, at.range.depth);
        match operands {
            Some(PackedOperands { panel, next, .. }) => {
                tile.walk_ahead::<I, _, M, G>(left, Ahead { panel: panel.as_chunks::<G>().0, next });
            }
            None => tile.walk::<I, _, _, M, G>(left, Strided { rows: matrix_of(&right), segment: at.segment }),
        }
    }

    /// What the sums of a tile begin with, written where the tile looks for it.
    #[inline(always)]
    fn begin<'a, I: Isa>(&mut self, at: At, row: &'a mut [Line; WIDEST], sums: &mut Sums) -> Start<'a> {
        match if at.range.first > 0 { Begin::Rows } else { O::BEGIN } {
            Begin::Zero => Start::Zero,
            Begin::Row => {
                for (segment, line) in at.segment.parts(LANES).zip(row.iter_mut()) {
                    let [vector] = self.out.begin::<I::Vector, 1>(at.row, segment);
                    *line = Line::of(vector);
                }
                Start::Row(row)
            }
            Begin::Rows => {
                if let Some(partial) = self.out.partial()
                    && !at.segment.width.is_multiple_of(LANES)
                {
                    each!(at.count, |m| {
                        for (vector, segment) in at.segment.parts(LANES).enumerate() {
                            let [numbers] = segment.load::<I::Vector, 1>(&partial[at.row + m]);
                            numbers.store(at.line_mut(sums, m, vector));
                        }
                    });
                }
                Start::Sums
            }
        }
    }

    /// Takes the sums of a tile.
    #[inline(always)]
    pub(super) fn finish<I: Isa>(&mut self, at: At, sums: &Sums) {
        if self.keeps_in_output(at) && (!at.range.is_last || self.out.is_sum()) {
            return;
        }
        if at.segment.width == PANEL * LANES {
            return self.finish_vectors::<I, PANEL>(at, Segment { width: PANEL * LANES, ..at.segment }, 0, sums);
        }
        for (vector, segment) in at.segment.parts(LANES).enumerate() {
            self.finish_vectors::<I, 1>(at, segment, vector, sums);
        }
    }

    /// The same for `G` vectors of each row.
    #[inline(always)]
    fn finish_vectors<I: Isa, const G: usize>(&mut self, at: At, segment: Segment, vector: usize, sums: &Sums) {
        let is_direct = self.keeps_in_output(at);
        each!(at.count, |m| {
            let beside = at.load(sums, m, vector);
            match self.out.partial() {
                Some(partial) if is_direct => {
                    let vectors = segment.load(&partial[at.row + m]);
                    self.out.finish::<I, G>(at.row + m, segment, vectors);
                }
                Some(partial) if !at.range.is_last => segment.store(beside, &mut partial[at.row + m]),
                _ => self.out.finish::<I, G>(at.row + m, segment, beside),
            }
        });
    }
}

/// The rows of a right factor.
#[inline(always)]
pub(super) fn matrix_of<B: Right<N>, const N: usize>(right: &B) -> &[[f32; N]] {
    let Some(rows) = right.rows() else { unreachable!("a transpose has tiles of its own, or the product is flipped") };
    rows
}

/// What was packed for a tile.
#[derive(Clone, Copy)]
pub(super) struct PackedOperands<'a> {
    pub panel: &'a [Line],
    /// Columns of the left factor, where they are far from each other.
    pub left: PackedColumns<'a>,
    /// Lines of later panels to prefetch.
    pub next: &'a [Line],
}

/// Where a tile is: rows `row..row + count` of a segment.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub range: DepthRange,
    pub row: usize,
    pub count: usize,
    pub segment: Segment,
}

impl At {
    /// Where the sums of row `m` and a vector begin.
    #[inline(always)]
    fn line(self, m: usize, vector: usize) -> usize {
        (m * self.segment.vectors() + vector) * LANES
    }

    #[inline(always)]
    fn line_mut(self, sums: &mut Sums, m: usize, vector: usize) -> &mut [f32; LANES] {
        sums.0[self.line(m, vector)..].first_chunk_mut().expect("sums of a tile")
    }

    /// The sums of row `m` and `G` vectors from one on.
    #[inline(always)]
    fn load<V: Vector, const G: usize>(self, sums: &Sums, m: usize, vector: usize) -> [V; G] {
        Segment { column: self.line(m, vector), width: G * LANES }.load(&sums.0)
    }
}
