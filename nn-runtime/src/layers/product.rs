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

use crate::isa::{Isa, LANES, Vector};

/// A right factor of so many floats stays in a first-level cache by itself.
const CACHED: usize = 8192;

/// Steps of `d` in a panel that is copied together: 32 KiB for two vectors, on a stack that may be small. Sums over the
/// rows of a batch are not cut up to here, so that an optimizer may take them from registers.
const BLOCK: usize = 256;

/// From so many rows on, copying a panel together pays for itself.
const PACKED_ROWS: usize = 48;

/// The left factor.
pub(crate) trait Left: Copy {
    /// Whether one product always walks the whole sum, so that its chains may take turns. Sums over
    /// the rows of a batch may be cut anywhere.
    const WHOLE: bool;

    /// `M` of its rows.
    type Rows<const M: usize>: Copy;

    /// Rows `row..row + M`.
    fn rows<const M: usize>(self, row: usize) -> Self::Rows<M>;

    /// Column `d` of row `m` of these.
    fn at<const M: usize>(rows: Self::Rows<M>, m: usize, d: usize) -> f32;
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
    fn at<const M: usize>(rows: &[[f32; D]; M], m: usize, d: usize) -> f32 {
        rows[m][d]
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
    fn at<const M: usize>((matrix, row): (&[[f32; R]], usize), m: usize, d: usize) -> f32 {
        matrix[d][row + m]
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

    /// Copies a place of the rows from `first` on together, as many as `panel` has.
    fn pack<V: Vector, const G: usize>(self, first: usize, place: Place, panel: &mut [[[f32; LANES]; G]]);
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
    fn pack<V: Vector, const G: usize>(self, first: usize, place: Place, panel: &mut [[[f32; LANES]; G]]) {
        for (to, from) in panel.iter_mut().zip(&self[first..]) {
            let vectors: [V; G] = place.load(from);
            for g in 0..G {
                vectors[g].store(&mut to[g]);
            }
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
    fn pack<V: Vector, const G: usize>(self, first: usize, place: Place, panel: &mut [[[f32; LANES]; G]]) {
        for (square, panel) in panel.chunks_mut(LANES).enumerate() {
            let from = Place { column: first + square * LANES, width: panel.len() };
            for g in 0..G {
                let columns = &self.0[place.column + g * LANES..];
                let mut vectors = [V::splat(0.0); LANES];
                for (vector, column) in vectors.iter_mut().zip(columns) {
                    [*vector] = from.load(column);
                }
                let vectors = V::transpose(vectors);
                for (to, vector) in panel.iter_mut().zip(vectors) {
                    vector.store(&mut to[g]);
                }
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

/// What the sums begin with, and what becomes of them.
pub(crate) trait Output<const N: usize> {
    /// How many rows it has.
    fn rows(&self) -> usize;

    /// What the sums at a place begin with.
    fn begin<V: Vector, const G: usize>(&self, row: usize, place: Place) -> [V; G];

    /// Takes the sums of a place.
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, place: Place, sums: [I::Vector; G]);

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
            && rows >= PACKED_ROWS
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
        self.tile::<I, _, M, G, C>(row, place, Part { first: 0, is_last: true }, Strided { rows: right, place });
    }

    /// All rows, panel by panel, each copied together once.
    #[inline(always)]
    fn packed<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self) {
        for first in (0..self.right.depth()).step_by(BLOCK) {
            self.block::<I, M, L, G, C>(first);
        }
    }

    /// A block of the walk over `d`.
    #[inline(always)]
    fn block<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(&mut self, first: usize) {
        let whole = N - N % (G * LANES);
        let mut column = 0;
        while column < whole {
            self.panel::<I, M, L, G, C>(first, Place { column, width: G * LANES });
            column += G * LANES;
        }
        let place = Place { column: whole, width: N - whole };
        choose! {
            Self::rest(G) == 1 => self.panel::<I, M, L, 1, C>(first, place);
            Self::rest(G) == 2 => self.panel::<I, M, L, 2, C>(first, place);
        }
    }

    /// All rows of a panel.
    #[inline(always)]
    fn panel<I: Isa, const M: usize, const L: usize, const G: usize, const C: usize>(
        &mut self,
        first: usize,
        place: Place,
    ) {
        let mut lines = Lines([[[0.0; LANES]; G]; BLOCK]);
        let depth = self.right.depth();
        let panel = &mut lines.0[..BLOCK.min(depth - first)];
        self.right.pack::<I::Vector, G>(first, place, panel);
        let (panel, part) = (&*panel, Part { first, is_last: first + panel.len() == depth });
        let rows = self.out.rows();
        let mut row = 0;
        while row + M <= rows {
            self.tile::<I, _, M, G, C>(row, place, part, panel);
            row += M;
        }
        if const { L > 0 } {
            while row + L <= rows {
                self.tile::<I, _, L, G, C>(row, place, part, panel);
                row += L;
            }
        }
        while row < rows {
            self.tile::<I, _, 1, G, C>(row, place, part, panel);
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
        for m in 0..M {
            sums[0][m] = match self.out.partial() {
                Some(partial) if part.first > 0 => place.load(&partial[row + m]),
                _ => self.out.begin(row + m, place),
            };
        }
        accumulate::<I::Vector, A, P, M, G, C>(&mut sums, self.left.rows(row), part.first, right);
        let sums = add_chains(sums);
        for m in 0..M {
            match self.out.partial() {
                Some(partial) if !part.is_last => place.store(sums[m], &mut partial[row + m]),
                _ => self.out.finish::<I, G>(row + m, place, sums[m]),
            }
        }
    }
}

/// A part of the walk over `d`.
#[derive(Clone, Copy)]
struct Part {
    first: usize,
    is_last: bool,
}

/// Where panels are copied to, by whole cache lines.
#[repr(align(64))]
struct Lines<const G: usize>([[[f32; LANES]; G]; BLOCK]);

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

impl<const G: usize> Steps<G> for &[[[f32; LANES]; G]] {
    #[inline(always)]
    fn depth(self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn load<V: Vector>(self, d: usize) -> [V; G] {
        let mut vectors = [V::splat(0.0); G];
        for g in 0..G {
            vectors[g] = V::load(&self[d][g]);
        }
        vectors
    }
}

/// The walk over `d` for one tile; `first` is where it begins in the left factor.
#[inline(always)]
fn accumulate<V: Vector, A: Left, P: Steps<G>, const M: usize, const G: usize, const C: usize>(
    sums: &mut [[[V; G]; M]; C],
    left: A::Rows<M>,
    first: usize,
    right: P,
) {
    let depth = right.depth();
    let mut d = 0;
    while d + C <= depth {
        for chain in 0..C {
            step::<V, A, M, G>(&mut sums[chain], left, first + d + chain, right.load(d + chain));
        }
        d += C;
    }
    for chain in 0..C {
        if d + chain < depth {
            step::<V, A, M, G>(&mut sums[chain], left, first + d + chain, right.load(d + chain));
        }
    }
}

/// One `d` for one tile.
#[inline(always)]
fn step<V: Vector, A: Left, const M: usize, const G: usize>(
    sums: &mut [[V; G]; M],
    left: A::Rows<M>,
    d: usize,
    right: [V; G],
) {
    for m in 0..M {
        let factor = V::splat(A::at(left, m, d));
        for g in 0..G {
            sums[m][g] = factor.mul_add(right[g], sums[m][g]);
        }
    }
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
