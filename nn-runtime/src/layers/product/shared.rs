//! Products of tiles that are compiled once, on factors that are read where they lie; and what is common to all such tiles.

use super::packed::{Order, Packing};
use super::place::{Line, Place};
use super::room::{BLOCK, with_room};
use super::tile::{self, Factor, PANEL, Panel, Start, Sums, Tile, WIDEST};
use super::walk::{Ahead, Copied, Strided};
use super::{Begin, Left, Output, Part, Product, Right, choose, choose_largest};
use crate::isa::{Isa, LANES, Running, Vector, run_within};

/// A right factor of so many floats stays in a first-level cache by itself.
pub(super) const CACHED: usize = 8192;

/// One of so few columns is read where it lies.
pub(super) const FEW: usize = 4 * LANES;

/// From so many rows on, copying panels together pays for itself: for a right factor that fits into a second-level cache
/// of 1 MiB, and for one that does not. (Panels that are there are walked from the latter on.)
pub(super) const PACKED_ROWS: [usize; 2] = [48, 16];

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// Whether nothing is ever copied together.
    const IS_SMALL: bool = N <= FEW || D > 0 && D * N <= CACHED;

    /// Computes it.
    #[inline(always)]
    pub(super) fn with_shared_tiles<I: Isa>(mut self) {
        choose! {
            Self::IS_SMALL => self.in_place::<I>();
        }
        match self.order() {
            Some(order) => self.packing::<I>(order),
            None => self.in_place::<I>(),
        }
    }

    /// The order in which panels are copied together, if they are: those of a large right factor that is walked often, since its
    /// long rows would hit few sets of the caches, and a page each.
    #[inline(always)]
    fn order(&mut self) -> Option<Order> {
        let (rows, depth) = (self.out.rows(), self.right.depth());
        let may_be_cut = depth <= BLOCK || self.out.partial().is_some();
        let is_large = depth * N > 1 << 18 || self.right.panels().is_some();
        let pays = rows >= PACKED_ROWS[usize::from(is_large)];
        match depth * N > CACHED && pays {
            true if may_be_cut => Some(Order::PanelsOuter),
            true if A::IS_SCATTERED => Some(Order::PanelsInner),
            _ => None,
        }
    }

    /// In a function of its own.
    #[inline(always)]
    fn packing<I: Isa>(self, order: Order) {
        let path = Running::on::<I>();
        with_room(|room| run_within(path, Packing { product: self, order, room }));
    }

    /// Computes it from factors as they lie.
    #[inline(always)]
    fn in_place<I: Isa>(mut self) {
        let rows = self.out.rows();
        let part = Part { first: 0, depth: self.right.depth(), is_last: true };
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            let vectors = if A::IS_SCATTERED { I::WIDTH } else { tile::vectors_of::<I>(count) };
            for place in (Place { column: 0, width: N }).parts(vectors * LANES) {
                let at = At { part, row, count, place };
                self.walk::<I>(at, None, &mut sums);
                self.finish::<I>(at, &sums);
            }
            row += count;
        }
    }

    /// Whether the sums of a tile are kept in the output, rather than beside it.
    #[inline(always)]
    fn keeps_in_output(&mut self, at: At) -> bool {
        at.place.width.is_multiple_of(LANES) && self.out.partial().is_some()
    }

    /// The walk of a tile through its part, on what was copied for it or on what lies in memory.
    #[inline(always)]
    pub(super) fn walk<I: Isa>(&mut self, at: At, copies: Option<Copies<'_>>, sums: &mut Sums) {
        let mut row = [Line::ZERO; WIDEST];
        let begin = self.begin::<I>(at, &mut row, sums);
        let (is_direct, factor) = (self.keeps_in_output(at), self.right);
        let right = match copies {
            Some(copies) => Panel::Packed(copies.panel),
            None => {
                let numbers = matrix_of(&factor).as_flattened().get(at.place.column..).unwrap_or_default();
                Panel::Strided { numbers, stride: N, width: at.place.width }
            }
        };
        let left = match copies {
            Some(copies) if A::IS_SCATTERED => Factor::Copied(copies.left),
            _ => self.left.factor(at.row, at.part),
        };
        let (rows, vectors) = (at.count, at.place.vectors());
        let (sums, stride) = match self.out.partial() {
            Some(partial) if is_direct => (&mut partial.as_flattened_mut()[at.row * N + at.place.column..], N),
            _ => (&mut sums.0[..], vectors * LANES),
        };
        let tile = Tile { left, right, rows, vectors, begin, sums, stride };
        let fits = match copies {
            Some(_) => !A::IS_SCATTERED && vectors == I::WIDTH,
            None => at.place.width == I::WIDTH * LANES,
        };
        if fits && rows * I::WIDTH == I::SUMS {
            choose_largest! { I => largest(self.left, factor, tile, at, copies) }
        } else {
            tile::compute(Running::on::<I>(), tile);
        }
    }

    /// The largest tile, in which nearly all the time is spent, with the sizes of the layer: a row of the left factor is at a
    /// known distance from the one before it; for addresses of twelve there are too few registers.
    #[inline(always)]
    fn largest<I: Isa, const M: usize, const G: usize>(
        left: A,
        right: B,
        tile: Tile<'_>,
        at: At,
        copies: Option<Copies<'_>>,
    ) {
        let left = left.rows::<M>(at.row, at.part.first, at.part.depth);
        match copies {
            Some(Copies { panel, next, .. }) => {
                tile.walk_ahead::<I, _, M, G>(left, Ahead { panel: panel.as_chunks::<G>().0, next });
            }
            None => tile.walk::<I, _, _, M, G>(left, Strided { rows: matrix_of(&right), place: at.place }),
        }
    }

    /// What the sums of a tile begin with, written where the tile looks for it.
    #[inline(always)]
    fn begin<'a, I: Isa>(&mut self, at: At, row: &'a mut [Line; WIDEST], sums: &mut Sums) -> Start<'a> {
        match if at.part.first > 0 { Begin::Rows } else { O::BEGIN } {
            Begin::Zero => Start::Zero,
            Begin::Row => {
                for (place, line) in at.place.parts(LANES).zip(row.iter_mut()) {
                    let [vector] = self.out.begin::<I::Vector, 1>(at.row, place);
                    *line = Line::of(vector);
                }
                Start::Row(row)
            }
            Begin::Rows => {
                if let Some(partial) = self.out.partial()
                    && !at.place.width.is_multiple_of(LANES)
                {
                    for m in 0..at.count {
                        for (vector, place) in at.place.parts(LANES).enumerate() {
                            let [numbers] = place.load::<I::Vector, 1>(&partial[at.row + m]);
                            numbers.store(at.line_mut(sums, m, vector));
                        }
                    }
                }
                Start::Sums
            }
        }
    }

    /// Takes the sums of a tile.
    #[inline(always)]
    pub(super) fn finish<I: Isa>(&mut self, at: At, sums: &Sums) {
        if self.keeps_in_output(at) && (!at.part.is_last || self.out.is_sum()) {
            return;
        }
        if at.place.width == PANEL * LANES {
            return self.finish_vectors::<I, PANEL>(at, Place { width: PANEL * LANES, ..at.place }, 0, sums);
        }
        for (vector, place) in at.place.parts(LANES).enumerate() {
            self.finish_vectors::<I, 1>(at, place, vector, sums);
        }
    }

    /// The same for `G` vectors of each row.
    #[inline(always)]
    fn finish_vectors<I: Isa, const G: usize>(&mut self, at: At, place: Place, vector: usize, sums: &Sums) {
        let is_direct = self.keeps_in_output(at);
        for m in 0..at.count {
            let beside = at.load(sums, m, vector);
            match self.out.partial() {
                Some(partial) if is_direct => {
                    let vectors = place.load(&partial[at.row + m]);
                    self.out.finish::<I, G>(at.row + m, place, vectors);
                }
                Some(partial) if !at.part.is_last => place.store(beside, &mut partial[at.row + m]),
                _ => self.out.finish::<I, G>(at.row + m, place, beside),
            }
        }
    }
}

/// The rows of a right factor.
#[inline(always)]
pub(super) fn matrix_of<B: Right<N>, const N: usize>(right: &B) -> &[[f32; N]] {
    let Some(rows) = right.rows() else { unreachable!("a transpose has tiles of its own, or the product is flipped") };
    rows
}

/// What was copied together for a tile.
#[derive(Clone, Copy)]
pub(super) struct Copies<'a> {
    pub panel: &'a [Line],
    /// Columns of the left factor, where they lie far from each other.
    pub left: Copied<'a>,
    /// Lines of panels that come later, if they have to come from far.
    pub next: &'a [Line],
}

/// Where a tile is: rows `row..row + count` of a place.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub part: Part,
    pub row: usize,
    pub count: usize,
    pub place: Place,
}

impl At {
    /// Where the sums of row `m` and a vector begin.
    #[inline(always)]
    fn line(self, m: usize, vector: usize) -> usize {
        (m * self.place.vectors() + vector) * LANES
    }

    #[inline(always)]
    fn line_mut(self, sums: &mut Sums, m: usize, vector: usize) -> &mut [f32; LANES] {
        sums.0[self.line(m, vector)..].first_chunk_mut().expect("sums of a tile")
    }

    /// The sums of row `m` and `G` vectors from one on.
    #[inline(always)]
    fn load<V: Vector, const G: usize>(self, sums: &Sums, m: usize, vector: usize) -> [V; G] {
        Place { column: self.line(m, vector), width: G * LANES }.load(&sums.0)
    }
}
