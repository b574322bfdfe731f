//! The matrix product that dense layers are made of, and the register tiles that it is made of.
//!
//! `out[i][j] = begin + Σ_d left(i, d)·right[d][j]`. A tile of `M` rows and `G × L` columns keeps
//! its sums in registers while it walks `d`: each step loads a panel of the right factor,
//! broadcasts `M` numbers of the left one and issues a multiply-add for each pair, so that it is
//! the multiply-adds that limit the speed. Fewer rows get more columns, to keep as many sums in
//! flight.
//!
//! The last columns, where they fill no vector, are a panel that reaches into the next row of the
//! right factor: what it computes there is thrown away, which is cheaper than to treat them apart.
//!
//! Every element is one chain of multiply-adds in the order of `d`, whatever tile it falls into and
//! wherever the walk over `d` is cut: so it has the same bits. Only where a product is so narrow
//! that one chain for each element would leave the multipliers waiting, and its walk is never cut
//! ([`Left::WHOLE`]), `C` chains take turns (`d` mod `C`) and are then added in pairs; `C` depends
//! on the sizes of the layer and on the instruction set alone.

use crate::isa::Isa;

/// Floats of the panel that is copied together: half of a first-level cache of 32 KiB. A right
/// factor that is no larger stays in that cache by itself.
const PANEL: usize = 4096;

/// Floats of the left factor that are copied together: 32 KiB, for they lie on the stack, which may be small.
const LEFT: usize = 8_192;

/// From so many full tiles on, copying a panel together pays for itself.
const PACKING_TILES: usize = 8;

/// Columns of the widest panel.
const WIDEST: usize = 128;

/// The left factor: gives a column of `M` rows for each `d`.
pub(crate) trait Left: Copy {
    /// Whether one product always walks the whole sum, so that its chains may take turns. Sums over
    /// the rows of a batch may be cut anywhere.
    const WHOLE: bool;

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
    const WHOLE: bool = true;

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
    const WHOLE: bool = false;

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
    const WHOLE: bool = false;

    type Rows<const M: usize> = ();

    #[inline(always)]
    fn rows<const M: usize>(self, _: usize) {}

    #[inline(always)]
    fn column<const M: usize>((): (), _: usize) -> [f32; M] {
        [1.0; M]
    }
}

/// Rows that were copied together: their columns lie one after another.
#[derive(Clone, Copy)]
struct Packed<'a>(&'a [f32]);

impl<'a> Left for Packed<'a> {
    const WHOLE: bool = false;

    type Rows<const M: usize> = &'a [[f32; M]];

    #[inline(always)]
    fn rows<const M: usize>(self, _: usize) -> &'a [[f32; M]] {
        self.0.as_chunks().0
    }

    #[inline(always)]
    fn column<const M: usize>(rows: &[[f32; M]], d: usize) -> [f32; M] {
        rows[d]
    }
}

/// A place in a row of the output: `width` columns from `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub column: usize,
    pub width: usize,
}

impl Place {
    /// What stands there in the row, and zeros.
    #[inline(always)]
    pub fn load<const G: usize, const L: usize>(self, row: &[f32]) -> [[f32; L]; G] {
        if self.width == G * L {
            return *panel(row, self.column);
        }
        let mut numbers = [[0.0; L]; G];
        numbers.as_flattened_mut()[..self.width].copy_from_slice(&row[self.column..][..self.width]);
        numbers
    }

    /// Writes the first numbers there.
    #[inline(always)]
    pub fn store<const G: usize, const L: usize>(self, numbers: [[f32; L]; G], row: &mut [f32]) {
        if self.width == G * L {
            *panel_mut(row, self.column) = numbers;
        } else {
            // Were it known which lanes are thrown away, the sums would be packed without them, and no
            // longer lie in vectors as the panel does.
            let numbers = core::hint::black_box(numbers);
            row[self.column..][..self.width].copy_from_slice(&numbers.as_flattened()[..self.width]);
        }
    }
}

/// What the sums begin with, and what becomes of them.
pub(crate) trait Output<const N: usize> {
    /// How many rows it has.
    fn rows(&self) -> usize;

    /// What the sums at a place begin with.
    fn begin<const G: usize, const L: usize>(&self, row: usize, place: Place) -> [[f32; L]; G];

    /// Takes the sums of a place.
    fn finish<I: Isa, const G: usize, const L: usize>(&mut self, row: usize, place: Place, sums: [[f32; L]; G]);

    /// Where sums may be kept when the walk over `d` is cut, if anywhere.
    fn partial(&mut self) -> Option<&mut [[f32; N]]>;
}

/// Sums that are added to what stands there.
pub(crate) struct Added<'a, const N: usize>(pub &'a mut [[f32; N]]);

impl<const N: usize> Output<N> for Added<'_, N> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn begin<const G: usize, const L: usize>(&self, row: usize, place: Place) -> [[f32; L]; G] {
        place.load(&self.0[row])
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize, const L: usize>(&mut self, row: usize, place: Place, sums: [[f32; L]; G]) {
        place.store(sums, &mut self.0[row]);
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        Some(self.0)
    }
}

/// The product, as in the head of this file. `R` is the number of rows of the weight matrix that
/// takes part in it, which with `N` decides at compile time how it is computed.
pub(crate) struct Product<'a, A, O, const R: usize, const N: usize> {
    pub left: A,
    pub right: &'a [[f32; N]],
    pub out: O,
}

/// Calls a method of the product for every panel of its columns, the widest first, each narrower
/// one at most once, and for the columns that fill none. The conditions are constants, so that only
/// the sizes that occur are compiled.
macro_rules! for_each_panel {
    ($rows:ident, |$place:ident, $groups:ident, $lanes:ident| $body:expr) => {
        let mut column = 0;
        for_each_panel!(@whole $rows, column, $place, $groups, $lanes, $body,
            (8, 16) (4, 16) (2, 16) (1, 16) (1, 8));
        for_each_panel!(@last $rows, $place, $groups, $lanes, $body, (4, 16) (3, 16) (2, 16) (1, 16) (1, 8) (1, 4));
    };
    (@whole $rows:ident, $column:ident, $place:ident, $groups:ident, $lanes:ident, $body:expr,
        $(($g:literal, $l:literal))*) => {$(
        if const { Self::is_whole::<I>($g * $l, $rows) } {
            const $groups: usize = $g;
            const $lanes: usize = $l;
            while $column + $groups * $lanes <= N {
                let $place = Place { column: $column, width: $groups * $lanes };
                $body;
                $column += $groups * $lanes;
            }
        }
    )*};
    (@last $rows:ident, $place:ident, $groups:ident, $lanes:ident, $body:expr, $(($g:literal, $l:literal))*) => {$(
        if const { Self::is_last::<I>($g * $l, $rows) } {
            const $groups: usize = $g;
            const $lanes: usize = $l;
            let width = const { N % Self::unit::<I>($rows) };
            let $place = Place { column: N - width, width };
            $body;
        }
    )*};
}

impl<A: Left, O: Output<N>, const R: usize, const N: usize> Product<'_, A, O, R, N> {
    /// Whether it may pay at all to copy panels together.
    const LARGE: bool = R * N > PANEL;

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(mut self) {
        // Literals for what `chains` and `ROWS` may be, since a constant of a type parameter can't
        // be an argument. Tiles of several chains have half as many rows.
        if const { Self::chains::<I>() == 1 && I::ROWS == 6 } {
            self.wide::<I, 6>();
        }
        if const { Self::chains::<I>() == 1 && I::ROWS == 4 } {
            self.wide::<I, 4>();
        }
        if const { Self::chains::<I>() == 2 && I::ROWS == 6 } {
            self.narrow::<I, 3, 2>();
        }
        if const { Self::chains::<I>() == 2 && I::ROWS == 4 } {
            self.narrow::<I, 2, 2>();
        }
        if const { Self::chains::<I>() == 4 && I::ROWS == 6 } {
            self.narrow::<I, 3, 4>();
        }
        if const { Self::chains::<I>() == 4 && I::ROWS == 4 } {
            self.narrow::<I, 2, 4>();
        }
    }

    /// How many chains a sum has: as many as fill the registers of half a tile.
    const fn chains<I: Isa>() -> usize {
        if !A::WHOLE || N > I::COLUMNS || R < 4 {
            1
        } else if 2 * N > I::COLUMNS || R < 8 {
            2
        } else {
            4
        }
    }

    /// Columns of the widest panel for tiles of `rows` rows.
    const fn widest<I: Isa>(rows: usize) -> usize {
        let columns = if rows == I::ROWS || Self::chains::<I>() > 1 {
            I::COLUMNS
        } else if rows == 2 {
            2 * I::COLUMNS
        } else {
            4 * I::COLUMNS
        };
        if columns > WIDEST { WIDEST } else { columns }
    }

    /// The number of columns that every panel but the last is a multiple of.
    const fn unit<I: Isa>(rows: usize) -> usize {
        let widest = Self::widest::<I>(rows);
        if Self::chains::<I>() > 1 || widest < 16 { widest } else { 16 }
    }

    /// Whether whole panels of so many columns occur: the widest ones first, then each narrower one
    /// at most once.
    const fn is_whole<I: Isa>(columns: usize, rows: usize) -> bool {
        let widest = Self::widest::<I>(rows);
        if columns == widest {
            N >= columns
        } else {
            columns >= Self::unit::<I>(rows) && columns < widest && N & columns != 0
        }
    }

    /// Whether the last panel, which is not whole, is made of so many columns.
    const fn is_last<I: Isa>(columns: usize, rows: usize) -> bool {
        let width = N % Self::unit::<I>(rows);
        let padded = match width {
            0 => 0,
            1..=4 => 4,
            5..=8 => 8,
            _ => width.next_multiple_of(16),
        };
        columns == padded
    }

    /// All rows, in tiles of `M` rows and one row.
    #[inline(always)]
    fn narrow<I: Isa, const M: usize, const C: usize>(&mut self) {
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.row_tile::<I, M, C>(row);
            row += M;
        }
        while row < rows {
            self.row_tile::<I, 1, C>(row);
            row += 1;
        }
    }

    /// All rows, in tiles of `M` rows, two rows and one row.
    #[inline(always)]
    fn wide<I: Isa, const M: usize>(&mut self) {
        let rows = self.out.rows();
        let mut row = self.full_tiles::<I, M>(rows - rows % M);
        while row + 2 <= rows {
            self.row_tile::<I, 2, 1>(row);
            row += 2;
        }
        if row < rows {
            self.row_tile::<I, 1, 1>(row);
        }
    }

    /// Rows `0..rows`, which fill tiles of `M` rows; gives their number.
    #[inline(always)]
    fn full_tiles<I: Isa, const M: usize>(&mut self, rows: usize) -> usize {
        let block = PANEL / I::COLUMNS;
        let packed = const { Self::LARGE && N > I::COLUMNS }
            && rows >= PACKING_TILES * M
            && self.right.len() * N > 2 * PANEL
            && (self.right.len() <= block || self.out.partial().is_some());
        if packed {
            self.packed_tiles::<I, M>(rows, block);
        } else {
            for row in (0..rows).step_by(M) {
                self.row_tile::<I, M, 1>(row);
            }
        }
        rows
    }

    /// `M` rows of all columns.
    #[inline(always)]
    fn row_tile<I: Isa, const M: usize, const C: usize>(&mut self, row: usize) {
        let panel = Panel { numbers: self.right.as_flattened(), stride: N, column: 0, depth: self.right.len() };
        let left = self.left.rows::<M>(row);
        for_each_panel!(M, |place, G, L| {
            let panel = Panel { column: place.column, ..panel };
            self.tile::<I, A, M, G, L, C>(row, place, Part::WHOLE, left, panel)
        });
    }

    /// Rows `0..rows`, panel by panel, each copied together once for many rows, and these rows once
    /// for all panels: so that what is walked lies together, however long the rows are. The walk
    /// over `d` is cut into blocks, so that the panel stays in the first-level cache, and the block
    /// of the left factor in the second.
    #[inline(always)]
    fn packed_tiles<I: Isa, const M: usize>(&mut self, rows: usize, block: usize) {
        let mut left_buffer = Lines([0.0; LEFT]);
        let mut right_buffer = Lines([0.0; PANEL]);
        let row_block = LEFT / (block * M) * M;
        for (index, right) in self.right.chunks(block).enumerate() {
            let start = index * block;
            let part = Part { is_first: start == 0, is_last: start + right.len() == self.right.len() };
            for first in (0..rows).step_by(row_block) {
                let rows = rows.min(first + row_block) - first;
                let (packed_left, _) = left_buffer.0[..rows * right.len()].as_chunks_mut::<M>();
                for (tile, packed) in packed_left.chunks_exact_mut(right.len()).enumerate() {
                    let from = self.left.rows::<M>(first + tile * M);
                    for (d, packed) in packed.iter_mut().enumerate() {
                        *packed = A::column::<M>(from, start + d);
                    }
                }
                let (packed_left, _) = left_buffer.0[..rows * right.len()].as_chunks::<M>();
                for_each_panel!(M, |place, G, L| {
                    let packed = &mut right_buffer.0.as_chunks_mut::<L>().0.as_chunks_mut::<G>().0[..right.len()];
                    for (to, from) in packed.iter_mut().zip(right) {
                        *to = place.load(from);
                    }
                    let numbers = packed.as_flattened().as_flattened();
                    let panel = Panel { numbers, stride: G * L, column: 0, depth: right.len() };
                    for (tile, left) in packed_left.chunks_exact(right.len()).enumerate() {
                        self.tile::<I, Packed, M, G, L, 1>(first + tile * M, place, part, left, panel);
                    }
                });
            }
        }
    }

    /// One tile: rows `row..row + M` of a place of `G × L` columns or fewer.
    #[inline(always)]
    fn tile<I: Isa, B: Left, const M: usize, const G: usize, const L: usize, const C: usize>(
        &mut self,
        row: usize,
        place: Place,
        part: Part,
        left: B::Rows<M>,
        right: Panel,
    ) {
        let mut sums = [[[[0.0; L]; G]; M]; C];
        for m in 0..M {
            sums[0][m] = match self.out.partial() {
                Some(partial) if !part.is_first => place.load(&partial[row + m]),
                _ => self.out.begin(row + m, place),
            };
        }
        right.accumulate::<I, B, M, G, L, C>(&mut sums, left, place.width);
        let sums = add_chains(sums);
        for m in 0..M {
            match self.out.partial() {
                Some(partial) if !part.is_last => place.store(sums[m], &mut partial[row + m]),
                _ => self.out.finish::<I, G, L>(row + m, place, sums[m]),
            }
        }
    }
}

/// A part of the walk over `d`.
#[derive(Clone, Copy)]
struct Part {
    is_first: bool,
    is_last: bool,
}

impl Part {
    const WHOLE: Self = Self { is_first: true, is_last: true };
}

/// Where panels are copied to, by whole cache lines.
#[repr(align(64))]
struct Lines<const LENGTH: usize>([f32; LENGTH]);

/// Columns of the right factor: from `column` on in each of `depth` times `stride` numbers.
#[derive(Clone, Copy)]
struct Panel<'a> {
    numbers: &'a [f32],
    stride: usize,
    column: usize,
    depth: usize,
}

impl Panel<'_> {
    /// The walk over `d` for one tile, of whose columns `width` count.
    #[inline(always)]
    fn accumulate<I: Isa, A: Left, const M: usize, const G: usize, const L: usize, const C: usize>(
        self,
        sums: &mut [[[[f32; L]; G]; M]; C],
        left: A::Rows<M>,
        width: usize,
    ) {
        let Self { numbers, stride, column, depth } = self;
        let mut d = 0;
        if C == 1 && G * L <= stride {
            // A panel that reaches into the next row is cut from rows that begin with it.
            let (skipped, column) = if column + G * L <= stride { (0, column) } else { (column, 0) };
            for row in numbers[skipped..].chunks_exact(stride) {
                step::<I, M, G, L>(&mut sums[0], A::column(left, d), panel(row, column));
                d += 1;
            }
            if skipped == 0 {
                return;
            }
        } else {
            let reaching = (G * L).div_ceil(stride) - 1;
            let whole = depth.saturating_sub(reaching) / C * C;
            while d < whole {
                for chain in 0..C {
                    let b = panel(numbers, d * stride);
                    step::<I, M, G, L>(&mut sums[chain], A::column(left, d), b);
                    d += 1;
                }
            }
        }
        // The last rows have no next one. They are fewer than twice the chains.
        let mut chain = 0;
        while d < depth {
            let b = Place { column: 0, width }.load(&numbers[d * stride + column..]);
            step::<I, M, G, L>(&mut sums[chain], A::column(left, d), &b);
            d += 1;
            chain = (chain + 1) % C;
        }
    }
}

/// One `d` for one tile.
#[inline(always)]
fn step<I: Isa, const M: usize, const G: usize, const L: usize>(
    sums: &mut [[[f32; L]; G]; M],
    a: [f32; M],
    b: &[[f32; L]; G],
) {
    for m in 0..M {
        for g in 0..G {
            for l in 0..L {
                sums[m][g][l] = I::fma(a[m], b[g][l], sums[m][g][l]);
            }
        }
    }
}

/// The sum of the chains, in pairs.
#[inline(always)]
fn add_chains<const M: usize, const G: usize, const L: usize, const C: usize>(
    mut sums: [[[[f32; L]; G]; M]; C],
) -> [[[f32; L]; G]; M] {
    let mut chains = C;
    while chains > 1 {
        chains /= 2;
        for chain in 0..chains {
            for m in 0..M {
                for g in 0..G {
                    for l in 0..L {
                        sums[chain][m][g][l] += sums[chain + chains][m][g][l];
                    }
                }
            }
        }
    }
    sums[0]
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
