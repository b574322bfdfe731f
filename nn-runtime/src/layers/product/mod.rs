//! The matrix product that dense layers are made of.
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
//! - `own.rs`: a narrow product has tiles of its own, in which all sizes are constants: a call would take longer than some of
//!   them. So has the product with a transpose, which is turned panel by panel.
//! - `shared.rs`: a wide one walks over tiles that are compiled once, with this crate (`tile.rs`, `copies.rs`), so that a
//!   program is compiled in a fraction of the time. What is compiled for its layers is the largest tile, how sums begin and
//!   what becomes of them.
//! - `packed.rs`: the same for a right factor that is large and walked often. It is copied together panel by panel (`room.rs`),
//!   since its long rows would hit few sets of the caches, and a page each. Who predicts many times with the same weights has
//!   all their panels from before.
//! - `flipped.rs`: the product with a transpose whose sums are long, for an input gradient, as the transpose of a product.
//! - `narrow.rs`: sums over the rows of a batch with few columns, for a weight gradient, as their transpose.
//! - `few_rows.rs`: those with few rows.

mod columns;
mod copies;
mod few_rows;
mod flipped;
mod narrow;
mod own;
mod packed;
mod place;
mod room;
mod shared;
mod tile;
mod walk;

pub(crate) use columns::column_sums;
pub(crate) use few_rows::FewRows;
pub(crate) use flipped::Flipped;
pub(crate) use narrow::Narrow;
pub(crate) use packed::copy_panels;
pub use place::Line;
pub(crate) use place::{Place, load_lines};
pub(crate) use room::reserve;

/// Smaller layers copy nothing together when they predict: rows, and numbers of weights.
#[cfg(feature = "alloc")]
pub(crate) const LEAST_TO_PREDICT: [usize; 2] = [shared::PACKED_ROWS[1], shared::CACHED];

/// Smaller layers copy nothing together when they train.
pub(crate) const LEAST_TO_TRAIN: usize = shared::PACKED_ROWS[1] * (shared::FEW + 1);

/// A shorter walk takes less time than a call, or than the sum of several chains.
const LEAST_DEPTH: usize = 8;

use arrayvec::ArrayVec;

use crate::isa::{Isa, LANES, Running, Vector};
use own::STEPS;
use place::lines;
use tile::Factor;
use walk::Rows;
pub(crate) use walk::{Reads, add_chains};

/// The left factor.
pub(crate) trait Left: Copy {
    /// Whether one product always walks the whole sum, so that its chains may take turns. Sums over
    /// the rows of a batch may be cut anywhere.
    const WHOLE: bool;

    /// Whether the columns of a few rows lie far from each other, so that they are copied together for several panels.
    const IS_SCATTERED: bool;

    /// A part of `M` of its rows.
    type Rows<const M: usize>: Rows<M>;

    /// Of rows `row..row + M`, `depth` columns from `first` on.
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> Self::Rows<M>;

    /// Copies columns of `count` rows from `row` on together, if they are scattered, each into a line.
    fn gather<I: Isa>(self, row: usize, count: usize, part: Part, to: &mut [Line]);

    /// The rows from `row` on, for a tile that is compiled once.
    fn factor<'s>(self, row: usize, part: Part) -> Factor<'s>
    where
        Self: 's;
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a, const D: usize>(pub &'a [[f32; D]]);

impl<'a, const D: usize> Left for Plain<'a, D> {
    const WHOLE: bool = true;
    const IS_SCATTERED: bool = false;

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
    fn gather<I: Isa>(self, _: usize, _: usize, _: Part, _: &mut [Line]) {}

    #[inline(always)]
    fn factor<'s>(self, row: usize, part: Part) -> Factor<'s>
    where
        Self: 's,
    {
        Factor::Rows { numbers: &self.0.as_flattened()[row * D + part.first..], stride: D, depth: part.depth }
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

    type Rows<const M: usize> = Self;

    #[inline(always)]
    fn rows<const M: usize>(self, row: usize, first: usize, depth: usize) -> Self {
        let row = self.first + row;
        assert!(row + M <= R);
        Self { matrix: &self.matrix[first..][..depth], first: row }
    }

    #[inline(always)]
    fn gather<I: Isa>(self, row: usize, count: usize, part: Part, to: &mut [Line]) {
        let place = Place { column: self.first + row, width: count };
        copies::gather(Running::on::<I>(), self.matrix[part.first..][..part.depth].as_flattened(), R, place, to);
    }

    #[inline(always)]
    fn factor<'s>(self, row: usize, part: Part) -> Factor<'s>
    where
        Self: 's,
    {
        let rows = self.matrix[part.first..][..part.depth].as_flattened();
        Factor::Columns { numbers: rows.get(self.first + row..).unwrap_or_default(), stride: R }
    }
}

impl<const R: usize, const M: usize> Rows<M> for Transposed<'_, R> {
    #[inline(always)]
    fn at(self, m: usize, d: usize) -> f32 {
        self.matrix[d][self.first + m]
    }
}

/// The right factor, of rows of `N` numbers.
pub(crate) trait Right<const N: usize>: Copy {
    /// Whether it is the transpose of what lies in memory.
    const IS_TURNED: bool = false;

    /// How many rows it has.
    fn depth(self) -> usize;

    /// Its rows, if they lie in memory.
    fn rows(&self) -> Option<&[[f32; N]]>;

    /// All its panels, if they were copied together long before, by [`copy_panels`].
    #[inline(always)]
    fn panels(&self) -> Option<&[Line]> {
        None
    }

    /// Adds a panel of a place of its rows, if they do not lie in memory.
    #[inline(always)]
    fn turn<V: Vector, const G: usize>(self, _: Part, _: Place, _: &mut ArrayVec<[Line; G], STEPS>) {}
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

/// A matrix as it lies in memory, of which there may be panels, too.
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
pub(crate) struct Turned<'a, const D: usize, const N: usize>(pub &'a [[f32; D]; N]);

impl<const D: usize, const N: usize> Right<N> for Turned<'_, D, N> {
    const IS_TURNED: bool = true;

    #[inline(always)]
    fn depth(self) -> usize {
        D
    }

    #[inline(always)]
    fn rows(&self) -> Option<&[[f32; N]]> {
        None
    }

    #[inline(always)]
    fn turn<V: Vector, const G: usize>(self, part: Part, place: Place, panel: &mut ArrayVec<[Line; G], STEPS>) {
        for square in (Place { column: part.first, width: part.depth }).parts(LANES) {
            let mut turned = [[V::splat(0.0); LANES]; G];
            for g in 0..G {
                let columns = &self.0[place.column + g * LANES..];
                turned[g] = copies::turn_square(columns.as_flattened(), D, square);
            }
            for step in 0..square.width {
                let mut vectors = [V::splat(0.0); G];
                for g in 0..G {
                    vectors[g] = turned[g][step];
                }
                panel.push(lines(vectors));
            }
        }
    }
}

/// What sums begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// 0.
    Zero,
    /// The same for each row.
    Row,
    /// Each with its own, which stands where sums may be kept.
    Rows,
}

/// What the sums begin with, and what becomes of them.
pub(crate) trait Output<const N: usize> {
    /// What they begin with.
    const BEGIN: Begin;

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

    /// What [`finish`](Self::finish) reads for `count` rows of a place, as much of it as there is room for.
    #[inline(always)]
    fn reads(&self, _row: usize, _count: usize, _place: Place, _to: &mut Reads) {}

    /// Whether the sums become no others.
    fn is_sum(&self) -> bool;

    /// Where sums may be kept while there are more to add, if anywhere.
    fn partial(&mut self) -> Option<&mut [[f32; N]]>;
}

/// Sums that are added to what stands there.
pub(crate) struct Added<'a, const N: usize>(pub &'a mut [[f32; N]]);

impl<const N: usize> Output<N> for Added<'_, N> {
    const BEGIN: Begin = Begin::Rows;

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
    fn is_sum(&self) -> bool {
        true
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

/// How many chains a sum of `depth` numbers has where there are so many columns: as many as keep the multipliers busy with a single
/// row.
pub(crate) const fn chains<I: Isa>(depth: usize, columns: usize) -> usize {
    let mut chains = 1;
    while depth >= LEAST_DEPTH && chains < 4 && 2 * chains * columns.div_ceil(LANES) <= I::SUMS / 3 {
        chains *= 2;
    }
    chains
}

/// A part of the walk over `d`.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    first: usize,
    depth: usize,
    is_last: bool,
}

/// Runs the first line whose condition holds. The conditions are constants, and numbers become constants by them, so
/// that what is compiled is only what occurs.
macro_rules! choose {
    ($($condition:expr => $body:expr;)*) => {
        $(if const { $condition } { return $body; })*
    };
}

pub(crate) use choose;

/// Calls a function of `Self` for the rows and vectors of the largest tile of an instruction set.
macro_rules! choose_largest {
    ($isa:ident => $function:ident($($argument:expr),*)) => {
        if const { $isa::SUMS == 24 } {
            Self::$function::<$isa, 12, 2>($($argument),*);
        } else if const { $isa::SUMS == 6 } {
            Self::$function::<$isa, 6, 1>($($argument),*);
        } else if const { $isa::SUMS == 4 } {
            Self::$function::<$isa, 4, 1>($($argument),*);
        } else {
            Self::$function::<$isa, 2, 1>($($argument),*);
        }
    };
}

use choose_largest;

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// How many chains a sum has. Sums that may be cut have one, and those of an input gradient: a batch has rows enough.
    const fn chains<I: Isa>() -> usize {
        if A::WHOLE && !B::IS_TURNED { chains::<I>(D, N) } else { 1 }
    }

    /// Whether its tiles are those that are compiled once: they have one chain, and take longer than a call.
    const fn is_wide<I: Isa>() -> bool {
        N > 2 * LANES && (D == 0 || D >= LEAST_DEPTH) && Self::chains::<I>() == 1 && !B::IS_TURNED
    }

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(self) {
        choose! {
            Self::is_wide::<I>() => self.with_shared_tiles::<I>();
            true => self.with_own_tiles::<I>();
        }
    }
}
