//! The two factors of a product: as they are in memory, transposed, or with panels that were packed
//! before.

use arrayvec::ArrayVec;

use super::inner_loop::Rows;
use super::line::{Line, lines};
use super::pack;
use super::segment::{DepthRange, Segment};
use super::tile::Factor;
use crate::each::each;
use crate::isa::{Isa, LANES, Running, Vector};
use crate::vector::{Spaced, flattened, part};

/// Steps of a panel that are transposed at a time: 16 KiB for two vectors. They stay in a
/// first-level cache, and fit a small stack.
pub(crate) const TRANSPOSED_STEPS: usize = 128;

/// The left factor.
pub(crate) trait Left: Copy {
    /// Whether one product always walks the whole sum, so that the sum may have several
    /// accumulators. Sums over the rows of a batch may be cut anywhere.
    const WHOLE: bool;

    /// Whether the columns of a few rows are far from each other, so that they are packed for
    /// several panels.
    const IS_SCATTERED: bool;

    /// `M` of its rows.
    type Rows<const M: usize>: Rows<M>;

    /// Of rows `row..row + M`, `depth` columns from `first` on.
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> Self::Rows<M>;

    /// Packs columns of `count` rows from `row` on, each into a line, if they are scattered.
    fn gather<I: Isa>(self, row: usize, count: usize, range: DepthRange, to: &mut [Line]);

    /// The rows from `row` on, for a tile that is compiled once.
    fn factor<'s>(self, row: usize, range: DepthRange) -> Factor<'s>
    where
        Self: 's;
}

/// A matrix as it is in memory.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a, const D: usize>(pub &'a [[f32; D]]);

impl<'a, const D: usize> Left for Plain<'a, D> {
    const WHOLE: bool = true;
    const IS_SCATTERED: bool = false;

    type Rows<const M: usize> = [&'a [f32]; M];

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> [&'a [f32]; M] {
        let mut parts = [&[][..]; M];
        each!(M, |m| {
            parts[m] = part(&self.0[row + m], first, depth);
        });
        parts
    }

    #[inline(always)]
    fn gather<I: Isa>(self, _: usize, _: usize, _: DepthRange, _: &mut [Line]) {}

    #[inline(always)]
    fn factor<'s>(self, row: usize, range: DepthRange) -> Factor<'s>
    where
        Self: 's,
    {
        Factor::Rows { numbers: &self.0.as_flattened()[row * D + range.first..], stride: D, depth: range.depth }
    }
}

/// The transpose of a matrix, as a left factor: its rows are the columns of `matrix`.
#[derive(Clone, Copy)]
pub(crate) struct TransposedLeft<'a, const R: usize> {
    pub matrix: &'a [[f32; R]],
    /// The column that is the first row.
    pub first: usize,
}

impl<'a, const R: usize> Left for TransposedLeft<'a, R> {
    const WHOLE: bool = false;
    const IS_SCATTERED: bool = true;

    type Rows<const M: usize> = Self;

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> Self {
        let row = self.first + row;
        assert!(row + M <= R);
        Self { matrix: &self.matrix[first..][..depth], first: row }
    }

    #[inline(always)]
    fn gather<I: Isa>(self, row: usize, count: usize, range: DepthRange, to: &mut [Line]) {
        let segment = Segment { column: self.first + row, width: count };
        pack::gather(Running::on::<I>(), self.matrix[range.first..][..range.depth].as_flattened(), R, segment, to);
    }

    #[inline(always)]
    fn factor<'s>(self, row: usize, range: DepthRange) -> Factor<'s>
    where
        Self: 's,
    {
        let rows = self.matrix[range.first..][..range.depth].as_flattened();
        Factor::Columns { numbers: rows.get(self.first + row..).unwrap_or_default(), stride: R }
    }
}

impl<const R: usize, const M: usize> Rows<M> for TransposedLeft<'_, R> {
    #[inline(always)]
    fn at(self, m: usize, d: usize) -> f32 {
        self.matrix[d][self.first + m]
    }

    #[inline(always)]
    fn row(&self, m: usize) -> Spaced<'_> {
        Spaced { numbers: flattened(self.matrix), first: self.first + m, stride: R }
    }
}

/// The right factor, of rows of `N` numbers.
pub(crate) trait Right<const N: usize>: Copy {
    /// Whether it is the transpose of a matrix in memory.
    const IS_TRANSPOSED: bool = false;

    /// How many rows it has.
    fn depth(self) -> usize;

    /// Its rows, if they are in memory.
    fn rows(&self) -> Option<&[[f32; N]]>;

    /// All its panels, if they were packed in advance by
    /// [`pack_panels`](super::packed::pack_panels).
    #[inline(always)]
    fn panels(&self) -> Option<&[Line]> {
        None
    }

    /// Adds a panel of a segment of its rows, if they are not in memory.
    #[inline(always)]
    fn transpose<V: Vector, const G: usize>(
        self,
        _: DepthRange,
        _: Segment,
        _: &mut ArrayVec<[Line; G], TRANSPOSED_STEPS>,
    ) {
    }
}

impl<const N: usize> Right<N> for &[[f32; N]] {
    #[inline(always)]
    fn depth(self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn rows(&self) -> Option<&[[f32; N]]> {
        Some(self)
    }
}

/// A matrix as it is in memory, perhaps with panels that were packed in advance.
#[derive(Clone, Copy)]
pub(crate) struct Prepared<'a, const N: usize> {
    pub rows: &'a [[f32; N]],
    pub panels: Option<&'a [Line]>,
}

impl<const N: usize> Right<N> for Prepared<'_, N> {
    #[inline(always)]
    fn depth(self) -> usize {
        self.rows.len()
    }

    #[inline(always)]
    fn rows(&self) -> Option<&[[f32; N]]> {
        Some(self.rows)
    }

    #[inline(always)]
    fn panels(&self) -> Option<&[Line]> {
        self.panels
    }
}

/// The transpose of a matrix, as a right factor.
#[derive(Clone, Copy)]
pub(crate) struct TransposedRight<'a, const D: usize, const N: usize>(pub &'a [[f32; D]; N]);

impl<const D: usize, const N: usize> Right<N> for TransposedRight<'_, D, N> {
    const IS_TRANSPOSED: bool = true;

    #[inline(always)]
    fn depth(self) -> usize {
        D
    }

    #[inline(always)]
    fn rows(&self) -> Option<&[[f32; N]]> {
        None
    }

    #[inline(always)]
    fn transpose<V: Vector, const G: usize>(
        self,
        range: DepthRange,
        segment: Segment,
        panel: &mut ArrayVec<[Line; G], TRANSPOSED_STEPS>,
    ) {
        for square in (Segment { column: range.first, width: range.depth }).parts(LANES) {
            let mut transposed = [[V::splat(0.0); LANES]; G];
            each!(G, |g| {
                let columns = &self.0[segment.column + g * LANES..];
                transposed[g] = pack::transpose_square(columns.as_flattened(), D, square);
            });
            each!(square.width, |step| {
                let mut vectors = [V::splat(0.0); G];
                each!(G, |g| {
                    vectors[g] = transposed[g][step];
                });
                panel.push(lines(vectors));
            });
        }
    }
}
