//! The matrix product that dense layers are made of, and the register tiles that it is made of.
//!
//! `out[i][j] = start + Σ_d left(i, d)·right[d][j]`. A tile of `M` rows and `G × L` columns keeps
//! its sums in registers while it walks `d`: each step loads a panel of the right factor,
//! broadcasts `M` numbers of the left one and issues a multiply-add for each pair, so that it is
//! the multiply-adds that limit the speed. Fewer rows get more columns, to keep as many sums in
//! flight.
//!
//! Every element is one chain of multiply-adds in the order of `d`, whatever tile it falls into and
//! wherever the walk over `d` is cut: so it has the same bits.

use crate::isa::Isa;

/// Floats of the panel that is copied together: half of a first-level cache of 32 KiB. A right
/// factor that is no larger stays in that cache by itself.
const PANEL: usize = 4096;

/// From so many full tiles on, copying a panel together pays for itself.
const PACKING_TILES: usize = 8;

/// Columns of the widest panel.
const WIDEST: usize = 128;

/// The left factor: gives a column of `M` rows for each `d`.
pub(crate) trait Left: Copy {
    /// `M` of its rows.
    type Rows<const M: usize>: Copy;

    /// Rows `row..row + M`.
    fn rows<const M: usize>(self, row: usize) -> Self::Rows<M>;

    /// Column `d` of these rows.
    fn column<const M: usize>(rows: Self::Rows<M>, d: usize) -> [f32; M];
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a, const D: usize>(pub &'a [[f32; D]]);

impl<'a, const D: usize> Left for Plain<'a, D> {
    type Rows<const M: usize> = &'a [[f32; D]; M];

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize) -> &'a [[f32; D]; M] {
        self.0[row..][..M].as_array().expect("M rows")
    }

    #[inline(always)]
    fn column<const M: usize>(rows: &[[f32; D]; M], d: usize) -> [f32; M] {
        let mut column = [0.0; M];
        for m in 0..M {
            column[m] = rows[m][d];
        }
        column
    }
}

/// The transpose of a matrix: its rows are the columns of what lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Transposed<'a, const R: usize>(pub &'a [[f32; R]]);

impl<'a, const R: usize> Left for Transposed<'a, R> {
    type Rows<const M: usize> = (&'a [[f32; R]], usize);

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize) -> (&'a [[f32; R]], usize) {
        assert!(row + M <= R);
        (self.0, row)
    }

    #[inline(always)]
    fn column<const M: usize>((matrix, row): (&[[f32; R]], usize), d: usize) -> [f32; M] {
        let [column] = *panel::<1, M>(&matrix[d], row);
        column
    }
}

/// A row of ones: the product is the sum over the rows of the right factor.
#[derive(Clone, Copy)]
pub(crate) struct Ones;

impl Left for Ones {
    type Rows<const M: usize> = ();

    #[inline(always)]
    fn rows<const M: usize>(self, _: usize) {}

    #[inline(always)]
    fn column<const M: usize>((): (), _: usize) -> [f32; M] {
        [1.0; M]
    }
}

/// What the sums begin with.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a, const N: usize> {
    Zero,
    /// The same row for every row.
    Row(&'a [f32; N]),
    /// What stands in the output.
    Output,
}

/// The product, as in the head of this file. `R` is the number of rows of the weight matrix that
/// takes part in it, which with `N` decides at compile time how it is computed.
pub(crate) struct Product<'a, A, const R: usize, const N: usize> {
    pub left: A,
    pub right: &'a [[f32; N]],
    pub start: Start<'a, N>,
    pub out: &'a mut [[f32; N]],
}

/// Calls a method of the product for every panel of its columns, the widest first, each narrower
/// one at most once. The conditions are constants, so that only the sizes that occur are compiled.
macro_rules! for_each_panel {
    ($rows:ident, |$column:ident, $groups:ident, $lanes:ident| $body:expr) => {
        let mut $column = 0;
        for_each_panel!(@ $rows, $column, $groups, $lanes, $body,
            (8, 16) (4, 16) (2, 16) (1, 16) (1, 8) (1, 4) (1, 2) (1, 1));
    };
    (@ $rows:ident, $column:ident, $groups:ident, $lanes:ident, $body:expr, $(($g:literal, $l:literal))*) => {$(
        if const { is_used($g * $l, widest($rows, I::ROWS, I::COLUMNS), N) } {
            const $groups: usize = $g;
            const $lanes: usize = $l;
            while $column + $groups * $lanes <= N {
                $body;
                $column += $groups * $lanes;
            }
        }
    )*};
}

impl<A: Left, const R: usize, const N: usize> Product<'_, A, R, N> {
    /// Whether it may pay at all to copy panels together.
    const LARGE: bool = R * N > PANEL;

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(mut self) {
        // Two literals for what `ROWS` may be, since a constant of a type parameter can't be an
        // argument.
        let mut row = 0;
        if const { I::ROWS == 6 } {
            row = self.full_tiles::<I, 6>();
        }
        if const { I::ROWS == 4 } {
            row = self.full_tiles::<I, 4>();
        }
        while row + 2 <= self.out.len() {
            self.row_tile::<I, 2>(row);
            row += 2;
        }
        if row < self.out.len() {
            self.row_tile::<I, 1>(row);
        }
    }

    /// All rows that fill tiles of `M` rows; gives their number.
    #[inline(always)]
    fn full_tiles<I: Isa, const M: usize>(&mut self) -> usize {
        let rows = self.out.len() - self.out.len() % M;
        if const { Self::LARGE } && rows >= PACKING_TILES * M && self.right.len() * N > 2 * PANEL {
            self.packed_tiles::<I, M>(rows);
        } else {
            for row in (0..rows).step_by(M) {
                self.row_tile::<I, M>(row);
            }
        }
        rows
    }

    /// `M` rows of all columns.
    #[inline(always)]
    fn row_tile<I: Isa, const M: usize>(&mut self, row: usize) {
        let right = self.right.as_flattened();
        for_each_panel!(M, |column, G, L| {
            let panel = Panel { numbers: right, stride: N, column };
            self.tile::<I, M, G, L>(row, column, self.start, 0, panel)
        });
    }

    /// Rows `0..rows`, panel by panel, each copied together once for all rows. The walk over `d` is
    /// cut into blocks, so that the panel stays in the first-level cache, and the block of the left
    /// factor in the second.
    #[inline(always)]
    fn packed_tiles<I: Isa, const M: usize>(&mut self, rows: usize) {
        let mut buffer = Buffer([0.0; PANEL]);
        let mut depth = 0;
        for block in self.right.chunks(PANEL / I::COLUMNS) {
            let start = if depth == 0 { self.start } else { Start::Output };
            for_each_panel!(M, |column, G, L| {
                let packed = &mut buffer.0.as_chunks_mut::<L>().0.as_chunks_mut::<G>().0[..block.len()];
                for (to, from) in packed.iter_mut().zip(block) {
                    *to = *panel(from, column);
                }
                let numbers = packed.as_flattened().as_flattened();
                for row in (0..rows).step_by(M) {
                    let panel = Panel { numbers, stride: G * L, column: 0 };
                    self.tile::<I, M, G, L>(row, column, start, depth, panel);
                }
            });
            depth += block.len();
        }
    }

    /// One tile: rows `row..row + M`, `G × L` columns from `column` on, the part of the sum from
    /// `depth` on that the panel holds.
    #[inline(always)]
    fn tile<I: Isa, const M: usize, const G: usize, const L: usize>(
        &mut self,
        row: usize,
        column: usize,
        start: Start<N>,
        depth: usize,
        right: Panel,
    ) {
        assert!(column + G * L <= N && right.column + G * L <= right.stride);
        let out: &mut [[f32; N]; M] = self.out[row..][..M].as_mut_array().expect("M rows");
        let mut sum = [[[0.0; L]; G]; M];
        for m in 0..M {
            sum[m] = match start {
                Start::Zero => [[0.0; L]; G],
                Start::Row(row) => *panel(row, column),
                Start::Output => *panel(&out[m], column),
            };
        }
        let left = self.left.rows::<M>(row);
        for (d, b) in right.numbers.chunks_exact(right.stride).enumerate() {
            let a = A::column::<M>(left, depth + d);
            let b: &[[f32; L]; G] = panel(b, right.column);
            for m in 0..M {
                for g in 0..G {
                    for l in 0..L {
                        sum[m][g][l] = I::fma(a[m], b[g][l], sum[m][g][l]);
                    }
                }
            }
        }
        for m in 0..M {
            *panel_mut(&mut out[m], column) = sum[m];
        }
    }
}

/// Where panels are copied to, by whole cache lines.
#[repr(align(64))]
struct Buffer([f32; PANEL]);

/// Columns of the right factor: from `column` on in each `stride` numbers.
#[derive(Clone, Copy)]
struct Panel<'a> {
    numbers: &'a [f32],
    stride: usize,
    column: usize,
}

/// Columns of the widest panel for tiles of `rows` rows.
const fn widest(rows: usize, tile_rows: usize, tile_columns: usize) -> usize {
    let columns = if rows == tile_rows {
        tile_columns
    } else if rows == 2 {
        2 * tile_columns
    } else {
        4 * tile_columns
    };
    if columns > WIDEST { WIDEST } else { columns }
}

/// Whether panels of so many columns occur when `n` columns are covered: the widest ones first,
/// then each narrower one at most once.
const fn is_used(columns: usize, widest: usize, n: usize) -> bool {
    if columns == widest { n >= columns } else { columns < widest && n & columns != 0 }
}

/// `G` groups of `L` columns of a row, from `column` on. (Groups, because loops over more than 16
/// columns are not unrolled, and their sums do not stay in registers.)
#[inline(always)]
pub(crate) fn panel<const G: usize, const L: usize>(row: &[f32], column: usize) -> &[[f32; L]; G] {
    row[column..][..G * L].as_chunks().0.as_array().expect("G groups of L")
}

/// `G` groups of `L` columns of a row, from `column` on, to be written.
#[inline(always)]
pub(crate) fn panel_mut<const G: usize, const L: usize>(row: &mut [f32], column: usize) -> &mut [[f32; L]; G] {
    row[column..][..G * L].as_chunks_mut().0.as_mut_array().expect("G groups of L")
}
