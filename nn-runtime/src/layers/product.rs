//! The matrix product that dense layers are made of, and the register tiles that it is made of.
//!
//! `out[i][j] = begin + Σ_d left(i, d)·right[d][j]`. A tile of `M` rows and `G` vectors of columns keeps its sums in
//! registers while it walks `d`: each step loads `G` vectors of the right factor, broadcasts `M` numbers of the left one
//! and issues a multiply-add for each pair, so that it is the multiply-adds that limit the speed. One row gets more
//! columns, to keep as many sums in flight. What a row has left over beside whole vectors is a vector of which only a
//! part is loaded and stored.
//!
//! Every element is one chain of multiply-adds in the order of `d`, whatever tile it falls into and wherever the walk
//! over `d` is cut: so it has the same bits. Only where a product is so narrow that one chain for each element would
//! leave the multipliers waiting, and its walk is never cut ([`Left::WHOLE`]), `C` chains take turns (`d` mod `C`) and
//! are then added in pairs; `C` depends on the sizes of the layer and on the instruction set alone.
//!
//! A right factor that does not fit into the first-level cache is copied together panel by panel where many rows are
//! multiplied by it: long rows would hit few sets of the caches, and a page each. One that is given by its transpose is
//! always copied, since its rows do not lie in memory.

use arrayvec::ArrayVec;

use crate::isa::{Isa, LANES, Vector};
use crate::vector::prefetch;

/// A right factor of so many floats stays in a first-level cache by itself.
const CACHED: usize = 8192;

/// Steps of `d` in panels that are copied together. Sums over the rows of a batch are not cut up to here, so that an
/// optimizer may take them from registers.
const BLOCK: usize = 256;

/// Steps of all panels that are copied together at a time: 64 KiB for two vectors, on a stack that may be small.
const STEPS: usize = 2 * BLOCK;

/// A cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Line(pub [f32; LANES]);

/// Columns of a few rows, one after another.
pub(crate) type Columns = ArrayVec<Line, BLOCK>;

/// Panels of `G` vectors, one after another.
pub(crate) type Panels<const G: usize> = ArrayVec<[Line; G], STEPS>;

/// From so many rows on, copying panels together pays for itself: for a right factor that fits into a second-level cache
/// of 1 MiB, and for one that does not.
const PACKED_ROWS: [usize; 2] = [48, 16];

/// The left factor.
pub(crate) trait Left: Copy {
    /// Whether one product always walks the whole sum, so that its chains may take turns. Sums over
    /// the rows of a batch may be cut anywhere.
    const WHOLE: bool;

    /// Whether the columns of a few rows lie far from each other, so that they are copied together for several panels.
    const IS_SCATTERED: bool = false;

    /// A part of `M` of its rows.
    type Rows<const M: usize>: Copy;

    /// Of rows `row..row + M`, `depth` columns from `first` on.
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> Self::Rows<M>;

    /// Column `d` of row `m` of these.
    fn at<const M: usize>(rows: Self::Rows<M>, m: usize, d: usize) -> f32;

    /// Copies the columns of these together.
    fn gather<V: Vector, const M: usize>(_: Self::Rows<M>, _to: &mut Columns) {}
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a, const D: usize>(pub &'a [[f32; D]]);

impl<'a, const D: usize> Left for Plain<'a, D> {
    const WHOLE: bool = true;

    type Rows<const M: usize> = [&'a [f32]; M];

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> [&'a [f32]; M] {
        let rows: &[[f32; D]; M] = self.0[row..][..M].as_array().expect("M rows");
        let mut parts = [&rows[0][..]; M];
        for m in 0..M {
            parts[m] = &rows[m][first..][..depth];
        }
        parts
    }

    #[inline(always)]
    fn at<const M: usize>(rows: [&[f32]; M], m: usize, d: usize) -> f32 {
        rows[m][d]
    }
}

/// The transpose of a matrix: its rows are the columns of what lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Transposed<'a, const R: usize> {
    pub matrix: &'a [[f32; R]],
    /// The column that is the first row.
    pub first: usize,
}

impl<'a, const R: usize> Left for Transposed<'a, R> {
    const WHOLE: bool = false;
    const IS_SCATTERED: bool = true;

    type Rows<const M: usize> = (&'a [[f32; R]], usize);

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> (&'a [[f32; R]], usize) {
        let row = self.first + row;
        assert!(row + M <= R);
        (&self.matrix[first..][..depth], row)
    }

    #[inline(always)]
    fn at<const M: usize>((matrix, row): (&[[f32; R]], usize), m: usize, d: usize) -> f32 {
        matrix[d][row + m]
    }

    #[inline(always)]
    fn gather<V: Vector, const M: usize>((matrix, row): (&[[f32; R]], usize), to: &mut Columns) {
        let place = Place { column: row, width: M };
        to.clear();
        for from in matrix {
            let [column]: [V; 1] = place.load(from);
            to.push(Line(column.to_array()));
        }
    }
}

/// Columns of a few rows that were copied together.
#[derive(Clone, Copy)]
struct Gathered<'a>(&'a [Line]);

impl<'a> Left for Gathered<'a> {
    const WHOLE: bool = false;

    type Rows<const M: usize> = &'a [Line];

    #[inline(always)]
    fn rows<const M: usize>(self, _: usize, _: usize, _: usize) -> &'a [Line] {
        self.0
    }

    #[inline(always)]
    fn at<const M: usize>(columns: &[Line], m: usize, d: usize) -> f32 {
        columns[d].0[m]
    }
}

/// A row of ones: the product is the sum over the rows of the right factor.
#[derive(Clone, Copy)]
pub(crate) struct Ones;

impl Left for Ones {
    const WHOLE: bool = false;

    type Rows<const M: usize> = ();

    #[inline(always)]
    fn rows<const M: usize>(self, _: usize, _: usize, _: usize) {}

    #[inline(always)]
    fn at<const M: usize>((): (), _: usize, _: usize) -> f32 {
        1.0
    }
}

/// The right factor, of rows of `N` numbers.
pub(crate) trait Right<const N: usize>: Copy {
    /// How many rows it has.
    fn depth(self) -> usize;

    /// Its rows, if they lie in memory.
    fn rows(&self) -> Option<&[[f32; N]]>;

    /// Adds a panel: a place of rows, `depth` from `first` on.
    fn pack<V: Vector, const G: usize>(self, first: usize, depth: usize, place: Place, panels: &mut Panels<G>);
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

    #[inline(always)]
    fn pack<V: Vector, const G: usize>(self, first: usize, depth: usize, place: Place, panels: &mut Panels<G>) {
        for from in &self[first..][..depth] {
            let vectors: [V; G] = place.load(from);
            panels.push(lines(vectors));
        }
    }
}

/// The transpose of a matrix, as a right factor.
#[derive(Clone, Copy)]
pub(crate) struct Turned<'a, const D: usize, const N: usize>(pub &'a [[f32; D]; N]);

impl<const D: usize, const N: usize> Right<N> for Turned<'_, D, N> {
    #[inline(always)]
    fn depth(self) -> usize {
        D
    }

    #[inline(always)]
    fn rows(&self) -> Option<&[[f32; N]]> {
        None
    }

    /// Squares of 16 by 16 are turned in registers.
    #[inline(always)]
    fn pack<V: Vector, const G: usize>(self, first: usize, depth: usize, place: Place, panels: &mut Panels<G>) {
        for square in (first..first + depth).step_by(LANES) {
            let from = Place { column: square, width: LANES.min(first + depth - square) };
            let mut turned = [[V::splat(0.0); LANES]; G];
            for g in 0..G {
                let columns = &self.0[place.column + g * LANES..];
                for (vector, column) in turned[g].iter_mut().zip(columns) {
                    [*vector] = from.load(column);
                }
                turned[g] = V::transpose(turned[g]);
            }
            for step in 0..from.width {
                let mut vectors = [V::splat(0.0); G];
                for g in 0..G {
                    vectors[g] = turned[g][step];
                }
                panels.push(lines(vectors));
            }
        }
    }
}

/// A place in a row: `width` columns from `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub column: usize,
    pub width: usize,
}

impl Place {
    /// What stands there in the row, and zeros.
    #[inline(always)]
    pub fn load<V: Vector, const G: usize>(self, row: &[f32]) -> [V; G] {
        let row = &row[self.column..][..self.width];
        let mut vectors = [V::splat(0.0); G];
        for g in 0..G {
            let start = g * LANES;
            vectors[g] = match row[start..].first_chunk() {
                Some(whole) => V::load(whole),
                None => V::load_part(&row[start..]),
            };
        }
        vectors
    }

    /// Writes the first numbers there.
    #[inline(always)]
    pub fn store<V: Vector, const G: usize>(self, vectors: [V; G], row: &mut [f32]) {
        let row = &mut row[self.column..][..self.width];
        for g in 0..G {
            let rest = &mut row[g * LANES..];
            match rest.first_chunk_mut() {
                Some(whole) => vectors[g].store(whole),
                None => vectors[g].store_part(rest),
            }
        }
    }
}

impl Place {
    /// Its parts of `G` vectors, of which the last one may be narrower.
    #[inline(always)]
    fn panels<const G: usize>(self) -> impl Iterator<Item = Self> {
        let width = G * LANES;
        (0..self.width)
            .step_by(width)
            .map(move |start| Self { column: self.column + start, width: width.min(self.width - start) })
    }

    /// Asks for `M` rows of it.
    #[inline(always)]
    pub fn prefetch<const N: usize, const M: usize>(self, matrix: &[[f32; N]], row: usize) {
        for m in 0..M {
            for column in (0..self.width).step_by(LANES) {
                prefetch(matrix.as_flattened(), (row + m) * N + self.column + column);
            }
        }
    }
}

/// What the sums begin with, and what becomes of them.
pub(crate) trait Output<const N: usize> {
    /// How many rows it has.
    fn rows(&self) -> usize;

    /// What the sums at a place begin with.
    fn begin<V: Vector, const G: usize>(&self, row: usize, place: Place) -> [V; G];

    /// Takes the sums of a place.
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, sums: [I::Vector; G]);

    /// Takes the sums of a place in rows from `row` on.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, row: usize, place: Place, rows: &[[Line; G]]) {
        for (m, sums) in rows.iter().enumerate() {
            self.finish::<I, G>(row + m, place, load_lines(sums));
        }
    }

    /// Where sums may be kept when the walk over `d` is cut, if anywhere.
    fn partial(&mut self) -> Option<&mut [[f32; N]]>;

    /// Asks for what [`finish`](Self::finish) will read and write in rows from `row` on, and [`begin`](Self::begin) in
    /// those of the next tile.
    fn prefetch<const M: usize>(&self, row: usize, place: Place);
}

/// Sums that are added to what stands there.
pub(crate) struct Added<'a, const N: usize>(pub &'a mut [[f32; N]]);

impl<const N: usize> Output<N> for Added<'_, N> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, row: usize, place: Place) -> [V; G] {
        place.load(&self.0[row])
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, sums: [I::Vector; G]) {
        place.store(sums, &mut self.0[row]);
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        Some(self.0)
    }

    #[inline(always)]
    fn prefetch<const M: usize>(&self, row: usize, place: Place) {
        place.prefetch::<N, M>(self.0, row + M);
    }
}

/// The product, as in the head of this file. `D` is the length of its sums where that is known, else 0; with `N` it
/// decides at compile time how the product is computed.
pub(crate) struct Product<A, B, O, const D: usize, const N: usize> {
    pub left: A,
    pub right: B,
    pub out: O,
}

/// Runs the first line whose condition holds. The conditions are constants, and numbers become constants by them, so
/// that what is compiled is only what occurs.
macro_rules! choose {
    ($($condition:expr => $body:expr;)*) => {
        $(if const { $condition } { return $body; })*
    };
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// How many chains a sum has: as many as keep the multipliers busy with a single row.
    const fn chains<I: Isa>() -> usize {
        let mut chains = 1;
        while A::WHOLE && chains < 4 && 2 * chains * N.div_ceil(LANES) <= I::SUMS / 3 && 4 * chains <= D {
            chains *= 2;
        }
        chains
    }

    /// How many rows a tile has.
    const fn rows<I: Isa>() -> usize {
        let width = if N > LANES { I::WIDTH } else { 1 };
        let rows = I::SUMS / (width * Self::chains::<I>());
        if rows > 12 { 12 } else { rows }
    }

    /// Whether it may pay to copy panels together.
    const LARGE: bool = N > 4 * LANES && (D == 0 || D * N > CACHED);

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(mut self) {
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
        let (rows, right) = (self.out.rows(), self.right);
        let Some(right) = right.rows() else { return self.packed::<I, M, L, G, C>() };
        if Self::LARGE
            && rows >= PACKED_ROWS[usize::from(right.len() * N > 1 << 18)]
            && right.len() * N > CACHED
            && (right.len() <= BLOCK || self.out.partial().is_some())
        {
            return self.packed::<I, M, L, G, C>();
        }
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
        let (left, right) = (self.left.rows(row, 0, right.len()), Strided { rows: right, place });
        self.tile::<I, A, _, M, G, C>(row, place, Part { first: 0, is_last: true }, left, right);
    }

    /// All rows, panel by panel, each copied together once.
    #[inline(always)]
    fn packed<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self) {
        let depth = self.right.depth();
        let most = if A::IS_SCATTERED { BLOCK } else { STEPS };
        let block = depth.div_ceil(depth.div_ceil(most)).next_multiple_of(LANES);
        for first in (0..depth).step_by(block) {
            self.block::<I, M, L, G, C>(first, block.min(depth - first));
        }
    }

    /// A block of the walk over `d`.
    #[inline(always)]
    fn block<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(
        &mut self,
        first: usize,
        depth: usize,
    ) {
        // Columns that are copied together serve several panels.
        let panels = if A::IS_SCATTERED { STEPS / depth } else { 1 };
        let (whole, most) = (N - N % (G * LANES), panels * G * LANES);
        let mut column = 0;
        while column < whole {
            let width = most.min(whole - column);
            self.panels::<I, M, L, G, C>(first, depth, Place { column, width });
            column += width;
        }
        let place = Place { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.panels::<I, M, L, 1, C>(first, depth, place);
            Self::rest(G) == 2 => self.panels::<I, M, L, 2, C>(first, depth, place);
        }
    }

    /// All rows of a few panels.
    #[inline(always)]
    fn panels<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(
        &mut self,
        first: usize,
        depth: usize,
        place: Place,
    ) {
        let mut panels = Panels::<G>::new();
        for panel in place.panels::<G>() {
            self.right.pack::<I::Vector, G>(first, depth, panel, &mut panels);
        }
        let part = Part { first, is_last: first + depth == self.right.depth() };
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.panels_tile::<I, M, G, C>(row, place, part, depth, &panels);
            row += M;
        }
        if const { L > 0 } {
            while row + L <= rows {
                self.panels_tile::<I, L, G, C>(row, place, part, depth, &panels);
                row += L;
            }
        }
        while row < rows {
            self.panels_tile::<I, 1, G, C>(row, place, part, depth, &panels);
            row += 1;
        }
    }

    /// `M` rows of a few panels.
    #[inline(always)]
    fn panels_tile<I: Isa, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        place: Place,
        part: Part,
        depth: usize,
        panels: &[[Line; G]],
    ) {
        let left = self.left.rows::<M>(row, part.first, depth);
        let mut columns = Columns::new();
        A::gather::<I::Vector, M>(left, &mut columns);
        for (place, panel) in place.panels::<G>().zip(panels.chunks_exact(depth)) {
            if const { A::IS_SCATTERED } {
                self.tile::<I, Gathered, _, M, G, C>(row, place, part, &columns[..depth], panel);
            } else {
                self.tile::<I, A, _, M, G, C>(row, place, part, left, panel);
            }
        }
    }

    /// One tile: rows `row..row + M` of a place of `G` vectors.
    #[inline(always)]
    fn tile<I: Isa, F: Left, P: Steps<G>, const M: usize, const G: usize, const C: usize>(
        &mut self,
        row: usize,
        place: Place,
        part: Part,
        left: F::Rows<M>,
        right: P,
    ) {
        self.out.prefetch::<M>(row, place);
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
        let sums = add_chains(accumulate::<I::Vector, F, P, M, G, C>(sums, left, right));
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

/// Vectors as lines.
#[inline(always)]
fn lines<V: Vector, const G: usize>(vectors: [V; G]) -> [Line; G] {
    let mut lines = [Line([0.0; LANES]); G];
    for g in 0..G {
        vectors[g].store(&mut lines[g].0);
    }
    lines
}

/// The vectors of some lines.
#[inline(always)]
pub(crate) fn load_lines<V: Vector, const G: usize>(lines: &[Line; G]) -> [V; G] {
    let mut vectors = [V::splat(0.0); G];
    for g in 0..G {
        vectors[g] = V::load(&lines[g].0);
    }
    vectors
}

/// A part of the walk over `d`.
#[derive(Clone, Copy)]
struct Part {
    first: usize,
    is_last: bool,
}

/// The vectors of a panel of the right factor, step by step.
trait Steps<const G: usize>: Copy {
    /// How many steps there are.
    fn depth(self) -> usize;

    /// Those of a step.
    fn load<V: Vector>(self, d: usize) -> [V; G];
}

/// A place in rows.
#[derive(Clone, Copy)]
struct Strided<'a, const N: usize> {
    rows: &'a [[f32; N]],
    place: Place,
}

impl<const N: usize, const G: usize> Steps<G> for Strided<'_, N> {
    #[inline(always)]
    fn depth(self) -> usize {
        self.rows.len()
    }

    #[inline(always)]
    fn load<V: Vector>(self, d: usize) -> [V; G] {
        self.place.load(&self.rows[d])
    }
}

impl<const G: usize> Steps<G> for &[[Line; G]] {
    #[inline(always)]
    fn depth(self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn load<V: Vector>(self, d: usize) -> [V; G] {
        load_lines(&self[d])
    }
}

/// The walk over `d` for one tile. (By value, so that sums stay in registers.)
#[inline(always)]
fn accumulate<V: Vector, A: Left, P: Steps<G>, const M: usize, const G: usize, const C: usize>(
    mut sums: [[[V; G]; M]; C],
    left: A::Rows<M>,
    right: P,
) -> [[[V; G]; M]; C] {
    let depth = right.depth();
    let mut d = 0;
    while d + C <= depth {
        for chain in 0..C {
            sums[chain] = step::<V, A, M, G>(sums[chain], left, d + chain, right.load(d + chain));
        }
        d += C;
    }
    for chain in 0..C {
        if d + chain < depth {
            sums[chain] = step::<V, A, M, G>(sums[chain], left, d + chain, right.load(d + chain));
        }
    }
    sums
}

/// One `d` for one tile.
#[inline(always)]
fn step<V: Vector, A: Left, const M: usize, const G: usize>(
    mut sums: [[V; G]; M],
    left: A::Rows<M>,
    d: usize,
    right: [V; G],
) -> [[V; G]; M] {
    for m in 0..M {
        let factor = V::splat(A::at(left, m, d));
        for g in 0..G {
            sums[m][g] = factor.mul_add(right[g], sums[m][g]);
        }
    }
    sums
}

/// The sum of the chains, in pairs.
#[inline(always)]
fn add_chains<V: Vector, const M: usize, const G: usize, const C: usize>(mut sums: [[[V; G]; M]; C]) -> [[V; G]; M] {
    let mut chains = C;
    while chains > 1 {
        chains /= 2;
        for chain in 0..chains {
            for m in 0..M {
                for g in 0..G {
                    sums[chain][m][g] = sums[chain][m][g] + sums[chain + chains][m][g];
                }
            }
        }
    }
    sums[0]
}
