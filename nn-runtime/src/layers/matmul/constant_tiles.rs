//! Products with tiles whose sizes are all constants.

use arrayvec::ArrayVec;

use super::choose::choose;
use super::factors::{Left, Right, TRANSPOSED_STEPS};
use super::inner_loop::{Steps, Strided, accumulate, add_accumulators};
use super::line::{Line, load_lines};
use super::output::Output;
use super::product::Product;
use super::segment::{DepthRange, Segment};
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// How many rows a tile has.
    const fn rows<I: Isa>() -> usize {
        let width = if N > LANES { I::WIDTH } else { 1 };
        let rows = I::SUMS / (width * Self::accumulators::<I>());
        if rows > 12 { 12 } else { rows }
    }

    /// Computes it.
    #[inline(always)]
    pub(super) fn with_constant_tiles<I: Isa>(mut self) {
        // Rows of a tile, rows of a smaller one for the rest, vectors of both, vectors of a single
        // row; accumulators.
        choose! {
            Self::rows::<I>() == 12 => self.all::<I, 12, 4, 2, 8, 1>();
            Self::rows::<I>() == 6 && Self::accumulators::<I>() == 4 => self.all::<I, 6, 0, 1, 1, 4>();
            Self::rows::<I>() == 3 && Self::accumulators::<I>() == 4 => self.all::<I, 3, 0, 2, 2, 4>();
            Self::rows::<I>() == 6 && Self::accumulators::<I>() == 2 => self.all::<I, 6, 0, 2, 4, 2>();
            Self::rows::<I>() == 6 => self.all::<I, 6, 2, 1, 4, 1>();
            Self::rows::<I>() == 3 => self.all::<I, 3, 0, 1, 1, 2>();
            Self::rows::<I>() == 4 => self.all::<I, 4, 0, 1, 2, 1>();
            Self::rows::<I>() == 2 => self.all::<I, 2, 0, 1, 2, 1>();
        }
    }

    /// All rows, in tiles of `M` rows, of `L` rows, and of one.
    #[inline(always)]
    fn all<I: Isa, const M: usize, const L: usize, const G: usize, const S: usize, const C: usize>(&mut self) {
        let right = self.right;
        let Some(right) = right.rows() else { return self.transposed::<I, M, L, G, C>() };
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.row_tile::<I, M, G, C>(row, right);
            row += M;
        }
        if const { L > 0 } {
            while row + L <= rows {
                self.row_tile::<I, L, 2, C>(row, right);
                row += L;
            }
        }
        while row < rows {
            self.row_tile::<I, 1, S, C>(row, right);
            row += 1;
        }
    }

    /// How many vectors a row has beyond whole groups of `group`.
    const fn rest(group: usize) -> usize {
        (N % (group * LANES)).div_ceil(LANES)
    }

    /// `M` rows of all columns, `G` vectors at a time.
    #[inline(always)]
    fn row_tile<I: Isa, const M: usize, const G: usize, const C: usize>(&mut self, row: usize, right: &[[f32; N]]) {
        let whole = N - N % (G * LANES);
        let mut column = 0;
        while column < whole {
            self.strided::<I, M, G, C>(row, Segment { column, width: G * LANES }, right);
            column += G * LANES;
        }
        let segment = Segment { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.strided::<I, M, 1, C>(row, segment, right);
            Self::rest(G) == 2 => self.strided::<I, M, 2, C>(row, segment, right);
            Self::rest(G) == 3 => self.strided::<I, M, 3, C>(row, segment, right);
            Self::rest(G) == 4 => self.strided::<I, M, 4, C>(row, segment, right);
            Self::rest(G) == 5 => self.strided::<I, M, 5, C>(row, segment, right);
            Self::rest(G) == 6 => self.strided::<I, M, 6, C>(row, segment, right);
            Self::rest(G) == 7 => self.strided::<I, M, 7, C>(row, segment, right);
            Self::rest(G) == 8 => self.strided::<I, M, 8, C>(row, segment, right);
        }
    }

    /// One tile, on rows of the right factor as they are in memory.
    #[inline(always)]
    fn strided<I: Isa, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        segment: Segment,
        right: &[[f32; N]],
    ) {
        let range = DepthRange { first: 0, depth: right.len(), is_last: true };
        self.tile::<I, _, M, G, C>(row, segment, range, Strided { rows: right, segment });
    }

    /// All rows of a product with a transpose. Each panel is transposed once.
    #[inline(always)]
    fn transposed<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self) {
        let mut first = 0;
        while first < D {
            let range =
                DepthRange { first, depth: TRANSPOSED_STEPS.min(D - first), is_last: first + TRANSPOSED_STEPS >= D };
            self.block::<I, M, L, G, C>(range);
            first += TRANSPOSED_STEPS;
        }
    }

    /// A block of the walk over `d`.
    #[inline(always)]
    fn block<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self, range: DepthRange) {
        let whole = N - N % (G * LANES);
        let mut column = 0;
        while column < whole {
            self.panel::<I, M, L, G, C>(range, Segment { column, width: G * LANES });
            column += G * LANES;
        }
        let segment = Segment { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.panel::<I, M, L, 1, C>(range, segment);
            Self::rest(G) == 2 => self.panel::<I, M, L, 2, C>(range, segment);
        }
    }

    /// All rows of a panel.
    #[inline(always)]
    fn panel<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(
        &mut self,
        range: DepthRange,
        segment: Segment,
    ) {
        let mut panel = ArrayVec::<[Line; G], TRANSPOSED_STEPS>::new();
        self.right.transpose::<I::Vector, G>(range, segment, &mut panel);
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.tile::<I, _, M, G, C>(row, segment, range, &panel[..]);
            row += M;
        }
        if const { L > 0 } {
            while row + L <= rows {
                self.tile::<I, _, L, G, C>(row, segment, range, &panel[..]);
                row += L;
            }
        }
        while row < rows {
            self.tile::<I, _, 1, G, C>(row, segment, range, &panel[..]);
            row += 1;
        }
    }

    /// One tile: rows `row..row + M` of a segment of `G` vectors.
    #[inline(always)]
    fn tile<I: Isa, P: Steps<G>, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        segment: Segment,
        range: DepthRange,
        right: P,
    ) {
        let mut sums = [[[I::Vector::splat(0.0); G]; M]; C];
        match self.out.partial() {
            Some(partial) if range.first > 0 => {
                each!(M, |m| {
                    sums[0][m] = segment.load(&partial[row + m]);
                });
            }
            _ => {
                each!(M, |m| {
                    sums[0][m] = self.out.begin(row + m, segment);
                });
            }
        }
        let left = self.left.rows::<M>(row, range.first, range.depth);
        let sums = add_accumulators(accumulate::<I::Vector, _, P, M, G, C>(sums, left, right));
        // Through memory: a loop over rows with a long body is not unrolled. If it indexed the
        // sums, they would be in memory during the walk, too.
        let mut stored = [[Line::ZERO; G]; M];
        each!(M, |m| {
            each!(G, |g| sums[m][g].store(&mut stored[m][g].0));
        });
        match self.out.partial() {
            Some(partial) if !range.is_last => {
                each!(M, |m| segment.store::<I::Vector, G>(load_lines(&stored[m]), &mut partial[row + m]));
            }
            _ => self.out.finish_rows::<I, G>(row, segment, &stored),
        }
    }
}
