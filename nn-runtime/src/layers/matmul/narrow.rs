//! Sums over rows of few columns, computed as their transpose: `outᵀ = beginᵀ + rightᵀ·left`.
//!
//! Rows of the left factor fill vectors, and the few numbers of the right one are broadcast.
//!
//! A weight gradient 16→4 takes 12 µs instead of 30 at 10,000 rows.

use super::choose::choose;
use super::factors::TransposedLeft;
use super::inner_loop::{Strided, accumulate, add_rows, step};
use super::line::Line;
use super::output::{Begin, Output};
use super::segment::Segment;
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};

/// `out = begin + leftᵀ·right` for rows of the left factor of `R` numbers, and of the right one of
/// `N`, at most a vector.
pub(crate) struct Narrow<'a, O, const R: usize, const N: usize> {
    pub left: TransposedLeft<'a, R>,
    pub right: &'a [[f32; N]],
    pub out: O,
    /// The column sums of the right factor, added to; only with an output that is added to. They
    /// cost little here, while a walk for them alone would wait for each addition.
    pub column_sums: Option<&'a mut [f32; N]>,
}

/// Columns of a tile where one tile cannot hold them all.
const HALF: usize = LANES / 2;

impl<O: Output<N>, const R: usize, const N: usize> Narrow<'_, O, R, N> {
    /// All columns.
    const ALL: Segment = Segment { column: 0, width: N };

    /// Whether that is faster: rows fill vectors, and columns fit into the registers of a tile.
    pub const fn pays<I: Isa>() -> bool {
        N > 1 && N <= LANES && N <= I::SUMS && R >= LANES
    }

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(self) {
        // As many vectors as there are registers for their sums, at most four.
        choose! {
            4 * N <= I::SUMS && R >= 4 * LANES => self.tiles::<I, N, 4>();
            3 * N <= I::SUMS && R >= 3 * LANES => self.tiles::<I, N, 3>();
            2 * N <= I::SUMS && R >= 2 * LANES => self.tiles::<I, N, 2>();
            N > HALF && R >= 3 * LANES => self.tiles::<I, HALF, 3>();
            N > HALF && R >= 2 * LANES => self.tiles::<I, HALF, 2>();
            true => self.tiles::<I, N, 1>();
        }
    }

    /// All rows of the output, `G` vectors at a time, and `M` columns, if there are as many.
    #[inline(always)]
    fn tiles<I: Isa, const M: usize, const G: usize>(mut self) {
        for rows in (Segment { column: 0, width: self.out.rows() }).parts(G * LANES) {
            if rows.width == G * LANES {
                self.rows::<I, M, G>(Segment { width: G * LANES, ..rows });
            } else {
                for rows in rows.parts(LANES) {
                    self.rows::<I, N, 1>(rows);
                }
            }
        }
    }

    /// Some rows of the output.
    #[inline(always)]
    fn rows<I: Isa, const M: usize, const G: usize>(&mut self, rows: Segment) {
        let mut begun = [[Line::ZERO; LANES]; G];
        if const { matches!(O::BEGIN, Begin::Rows) } {
            for (begun, rows) in begun.iter_mut().zip(rows.parts(LANES)) {
                self.begin::<I>(rows, begun);
            }
        }
        let mut sums = begun;
        match self.column_sums.take() {
            Some(columns) if const { matches!(O::BEGIN, Begin::Rows) } => {
                let [before]: [I::Vector; 1] = Self::ALL.load(columns);
                let after = self.tile::<I, M, G, true>(rows, 0, &begun, &mut sums, before);
                Self::ALL.store([after], columns);
            }
            _ => {
                self.tile::<I, M, G, false>(rows, 0, &begun, &mut sums, I::Vector::splat(0.0));
            }
        }
        if const { M < N } {
            self.tile::<I, M, G, false>(rows, N - M, &begun, &mut sums, I::Vector::splat(0.0));
        }
        for (sums, rows) in sums.iter().zip(rows.parts(LANES)) {
            self.finish::<I>(rows, sums);
        }
    }

    /// The sums of `M` columns of some rows, and those of the columns of the right factor if it is
    /// `WITH` them.
    #[inline(always)]
    fn tile<I: Isa, const M: usize, const G: usize, const WITH: bool>(
        &self,
        rows: Segment,
        column: usize,
        begun: &[[Line; LANES]; G],
        kept: &mut [[Line; LANES]; G],
        mut columns: I::Vector,
    ) -> I::Vector {
        let mut sums = [[I::Vector::splat(0.0); G]; M];
        if const { matches!(O::BEGIN, Begin::Rows) } {
            each!(M, |m| {
                each!(G, |g| {
                    sums[m][g] = begun[g][column + m].vector();
                });
            });
        }
        let segment = Segment { column: self.left.first + rows.column, ..rows };
        let factor = TransposedLeft { matrix: self.right, first: column };
        if I::Vector::WALKS {
            [sums] = accumulate([sums], factor, Strided { rows: self.left.matrix, segment });
            if WITH {
                [columns] = add_rows([columns], Strided { rows: self.right, segment: Self::ALL });
            }
        } else {
            each!(self.right.len(), |d| {
                sums = step(sums, factor, d, segment.load(&self.left.matrix[d]));
                if WITH {
                    let [row]: [I::Vector; 1] = Self::ALL.load(&self.right[d]);
                    columns = columns + row;
                }
            });
        }
        each!(M, |m| {
            each!(G, |g| {
                kept[g][column + m] = Line::of(sums[m][g]);
            });
        });
        columns
    }

    /// What the sums of up to sixteen rows begin with, transposed.
    #[inline(always)]
    fn begin<I: Isa>(&self, rows: Segment, kept: &mut [Line; LANES]) {
        each!(rows.width, |m| {
            let [row] = self.out.begin::<I::Vector, 1>(rows.column + m, Self::ALL);
            kept[m] = Line::of(row);
        });
        transpose::<I>(kept);
    }

    /// Takes the sums of up to sixteen rows.
    #[inline(always)]
    fn finish<I: Isa>(&mut self, rows: Segment, kept: &[Line; LANES]) {
        let mut transposed = *kept;
        transpose::<I>(&mut transposed);
        let (transposed, _) = transposed.as_chunks::<1>();
        self.out.finish_rows::<I, 1>(rows.column, Self::ALL, &transposed[..rows.width]);
    }
}

/// Rows become columns.
#[inline(always)]
fn transpose<I: Isa>(square: &mut [Line; LANES]) {
    let mut rows = [&[0.0; LANES]; LANES];
    each!(LANES, |row| {
        rows[row] = &square[row].0;
    });
    let columns: [I::Vector; LANES] = I::Vector::load_columns(rows);
    each!(LANES, |row| {
        square[row] = Line::of(columns[row]);
    });
}
