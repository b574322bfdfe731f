//! Products with tiles of their own, in which all sizes are constants.

use arrayvec::ArrayVec;

use super::place::{lines, load_lines};
use super::walk::{Steps, Strided, accumulate};
use super::{Left, Line, Output, Part, Place, Product, Right, add_chains, choose};
use crate::isa::{Isa, LANES, Vector};

/// Steps of a panel that are turned at a time: 16 KiB for two vectors, which stay in a first-level cache, on a stack that may be small.
pub(super) const STEPS: usize = 128;

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// How many rows a tile has.
    const fn rows<I: Isa>() -> usize {
        let width = if N > LANES { I::WIDTH } else { 1 };
        let rows = I::SUMS / (width * Self::chains::<I>());
        if rows > 12 { 12 } else { rows }
    }

    /// Computes it.
    #[inline(always)]
    pub(super) fn with_own_tiles<I: Isa>(mut self) {
        // A tile's rows, those of a smaller one for what is left over, vectors of both, of one row; chains.
        choose! {
            Self::rows::<I>() == 12 => self.all::<I, 12, 4, 2, 8, 1>();
            Self::rows::<I>() == 6 && Self::chains::<I>() == 4 => self.all::<I, 6, 0, 1, 1, 4>();
            Self::rows::<I>() == 3 && Self::chains::<I>() == 4 => self.all::<I, 3, 0, 2, 2, 4>();
            Self::rows::<I>() == 6 && Self::chains::<I>() == 2 => self.all::<I, 6, 0, 2, 4, 2>();
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
        let Some(right) = right.rows() else { return self.turned::<I, M, L, G, C>() };
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

    /// How many vectors are left over in a row beside groups of `group`.
    const fn rest(group: usize) -> usize {
        (N % (group * LANES)).div_ceil(LANES)
    }

    /// `M` rows of all columns, `G` vectors at a time.
    #[inline(always)]
    fn row_tile<I: Isa, const M: usize, const G: usize, const C: usize>(&mut self, row: usize, right: &[[f32; N]]) {
        let whole = N - N % (G * LANES);
        let mut column = 0;
        while column < whole {
            self.strided::<I, M, G, C>(row, Place { column, width: G * LANES }, right);
            column += G * LANES;
        }
        let place = Place { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.strided::<I, M, 1, C>(row, place, right);
            Self::rest(G) == 2 => self.strided::<I, M, 2, C>(row, place, right);
            Self::rest(G) == 3 => self.strided::<I, M, 3, C>(row, place, right);
            Self::rest(G) == 4 => self.strided::<I, M, 4, C>(row, place, right);
            Self::rest(G) == 5 => self.strided::<I, M, 5, C>(row, place, right);
            Self::rest(G) == 6 => self.strided::<I, M, 6, C>(row, place, right);
            Self::rest(G) == 7 => self.strided::<I, M, 7, C>(row, place, right);
            Self::rest(G) == 8 => self.strided::<I, M, 8, C>(row, place, right);
        }
    }

    /// One tile, on rows of the right factor as they lie in memory.
    #[inline(always)]
    fn strided<I: Isa, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        place: Place,
        right: &[[f32; N]],
    ) {
        let part = Part { first: 0, depth: right.len(), is_last: true };
        self.tile::<I, _, M, G, C>(row, place, part, Strided { rows: right, place });
    }

    /// All rows with the transpose of what lies in memory, panel by panel, each copied together once.
    #[inline(always)]
    fn turned<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self) {
        let mut first = 0;
        while first < D {
            let part = Part { first, depth: STEPS.min(D - first), is_last: first + STEPS >= D };
            self.block::<I, M, L, G, C>(part);
            first += STEPS;
        }
    }

    /// A block of the walk over `d`.
    #[inline(always)]
    fn block<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self, part: Part) {
        let whole = N - N % (G * LANES);
        let mut column = 0;
        while column < whole {
            self.panel::<I, M, L, G, C>(part, Place { column, width: G * LANES });
            column += G * LANES;
        }
        let place = Place { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.panel::<I, M, L, 1, C>(part, place);
            Self::rest(G) == 2 => self.panel::<I, M, L, 2, C>(part, place);
        }
    }

    /// All rows of a panel.
    #[inline(always)]
    fn panel<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(
        &mut self,
        part: Part,
        place: Place,
    ) {
        let mut panel = ArrayVec::<[Line; G], STEPS>::new();
        self.right.turn::<I::Vector, G>(part, place, &mut panel);
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.tile::<I, _, M, G, C>(row, place, part, &panel[..]);
            row += M;
        }
        if const { L > 0 } {
            while row + L <= rows {
                self.tile::<I, _, L, G, C>(row, place, part, &panel[..]);
                row += L;
            }
        }
        while row < rows {
            self.tile::<I, _, 1, G, C>(row, place, part, &panel[..]);
            row += 1;
        }
    }

    /// One tile: rows `row..row + M` of a place of `G` vectors.
    #[inline(always)]
    fn tile<I: Isa, P: Steps<G>, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        place: Place,
        part: Part,
        right: P,
    ) {
        let mut sums = [[[I::Vector::splat(0.0); G]; M]; C];
        match self.out.partial() {
            Some(partial) if part.first > 0 => {
                for m in 0..M {
                    sums[0][m] = place.load(&partial[row + m]);
                }
            }
            _ => {
                for m in 0..M {
                    sums[0][m] = self.out.begin(row + m, place);
                }
            }
        }
        let left = self.left.rows::<M>(row, part.first, part.depth);
        let sums = add_chains(accumulate::<I::Vector, _, P, M, G, C>(sums, left, right));
        // Through memory, since a loop over rows whose body is long is not unrolled: were it to take sums by its index,
        // they would lie in memory during the walk, too.
        let mut stored = ArrayVec::<[Line; G], M>::new();
        for m in 0..M {
            stored.push(lines(sums[m]));
        }
        match self.out.partial() {
            Some(partial) if !part.is_last => {
                for (m, sums) in stored.iter().enumerate() {
                    place.store::<I::Vector, G>(load_lines(sums), &mut partial[row + m]);
                }
            }
            _ => self.out.finish_rows::<I, G>(row, place, &stored),
        }
    }
}
