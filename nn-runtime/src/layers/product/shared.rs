//! Products of tiles that are compiled once.

use super::place::{Line, Place};
use super::tile::{self, BLOCK, Columns, Factor, PANEL, Panel, Panels, STEPS, Start, Sums, Tile, WIDEST};
use super::{Begin, Left, Output, Part, Product, Right, choose};
use super::walk::Strided;
use crate::isa::{Isa, LANES, Vector};

/// A right factor of so many floats stays in a first-level cache by itself.
const CACHED: usize = 8192;

/// From so many rows on, copying panels together pays for itself: for a right factor that fits into a second-level cache
/// of 1 MiB, and for one that does not.
const PACKED_ROWS: [usize; 2] = [48, 16];

/// How the right factor comes to the tiles.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Both are read where they lie.
    InPlace,
    /// Panels of it are copied together, one after another, each for all rows. A walk that is longer than a panel is cut, and its sums wait
    /// in the output.
    PanelsOuter,
    /// The same, for an output that has no room for sums: each tile walks to its end, and panels are copied for each.
    PanelsInner,
}

/// What is copied together.
struct Copies {
    panels: Panels,
    columns: Columns,
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// Computes it.
    #[inline(always)]
    pub(super) fn with_shared_tiles<I: Isa>(mut self) {
        let (depth, order) = (self.right.depth(), self.order());
        let mut copies = Copies { panels: Panels::new(), columns: Columns::new() };
        let block = if order == Order::PanelsOuter { Self::steps(depth) } else { depth };
        let mut first = 0;
        loop {
            let part = Part { first, depth: block.min(depth - first), is_last: first + block >= depth };
            let width = if order == Order::PanelsOuter { Self::panels::<I>(block) * I::WIDTH * LANES } else { N };
            for place in (Place { column: 0, width: N }).parts(width) {
                if order == Order::PanelsOuter {
                    copies.panels.clear();
                    for panel in place.parts(I::WIDTH * LANES) {
                        self.right.pack::<I>(part, panel, &mut copies.panels);
                    }
                }
                self.rows_of_tiles::<I>(order, part, place, &mut copies);
            }
            if part.is_last {
                return;
            }
            first += block;
        }
    }

    /// Whether panels of the right factor are copied together: those of a large one that is walked often, since its long rows would hit
    /// few sets of the caches, and a page each; and what a tile could not read where it lies.
    #[inline(always)]
    fn order(&mut self) -> Order {
        let (rows, right) = (self.out.rows(), self.right);
        let Some(right) = right.rows() else { return Order::PanelsOuter };
        let numbers = right.len() * N;
        let is_large = N > 4 * LANES && numbers > CACHED && rows >= PACKED_ROWS[usize::from(numbers > 1 << 18)];
        let may_be_cut = right.len() <= BLOCK || self.out.partial().is_some();
        match (is_large, may_be_cut) {
            (true, true) => Order::PanelsOuter,
            (true, false) if A::IS_SCATTERED => Order::PanelsInner,
            _ => Order::InPlace,
        }
    }

    /// How many steps of a walk of `depth` are copied together at a time.
    const fn steps(depth: usize) -> usize {
        let most = if A::IS_SCATTERED { BLOCK } else { STEPS };
        let blocks = if depth > most { depth.div_ceil(most) } else { 1 };
        depth.div_ceil(blocks).next_multiple_of(LANES)
    }

    /// How many panels are copied together at a time: several, where columns are copied for them.
    const fn panels<I: Isa>(block: usize) -> usize {
        if A::IS_SCATTERED && block > 0 { STEPS / block } else { 1 }
    }

    /// All tiles of a place, row after row.
    #[inline(always)]
    fn rows_of_tiles<I: Isa>(&mut self, order: Order, part: Part, place: Place, copies: &mut Copies) {
        let rows = self.out.rows();
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            if A::IS_SCATTERED && order == Order::PanelsOuter {
                self.left.gather::<I>(row, count, part, &mut copies.columns);
            }
            let in_rows = order == Order::InPlace && !A::IS_SCATTERED;
            let vectors = if in_rows { tile::vectors_of::<I>(count) } else { I::WIDTH };
            let mut done = 0;
            for place in place.parts(vectors * LANES) {
                let at = At { part, row, count, place };
                self.out.prefetch(row, count, place);
                if order == Order::PanelsInner {
                    self.walk_all::<I>(at, copies, &mut sums);
                } else {
                    let end = done + part.depth * place.vectors();
                    let panel = (order == Order::PanelsOuter).then(|| &copies.panels[done..end]);
                    self.walk::<I>(at, panel, &copies.columns, &mut sums);
                    done = end;
                }
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
    fn walk<I: Isa>(&mut self, at: At, panel: Option<&[Line]>, columns: &Columns, sums: &mut Sums) {
        let mut row = [Line::ZERO; WIDEST];
        let begin = self.begin::<I>(at, &mut row, sums);
        let (is_direct, right_factor) = (self.keeps_in_output(at), self.right);
        let right = match (panel, right_factor.rows()) {
            (Some(panel), _) => Panel::Packed(panel),
            (None, Some(rows)) => {
                let numbers = rows.as_flattened().get(at.place.column..).unwrap_or_default();
                Panel::Strided { numbers, stride: N, width: at.place.width }
            }
            (None, None) => unreachable!("what does not lie in memory is copied"),
        };
        let left = match panel {
            Some(_) if A::IS_SCATTERED => Factor::Copied(columns),
            _ => self.left.factor(at.row, at.part),
        };
        let (rows, vectors) = (at.count, at.place.vectors());
        let (sums, stride) = match self.out.partial() {
            Some(partial) if is_direct => (&mut partial.as_flattened_mut()[at.row * N + at.place.column..], N),
            _ => (&mut sums.0[..], vectors * LANES),
        };
        let tile = Tile { left, right, rows, vectors, begin, sums, stride };
        let fits = match panel {
            Some(_) => !A::IS_SCATTERED && vectors == I::WIDTH,
            None => at.place.width == I::WIDTH * LANES,
        };
        if fits && rows * I::WIDTH == I::SUMS {
            choose! {
                I::SUMS == 24 => Self::largest::<I, 12, 2>(self.left, right_factor, tile, at, panel);
                I::SUMS == 6 => Self::largest::<I, 6, 1>(self.left, right_factor, tile, at, panel);
                I::SUMS == 4 => Self::largest::<I, 4, 1>(self.left, right_factor, tile, at, panel);
                I::SUMS == 2 => Self::largest::<I, 2, 1>(self.left, right_factor, tile, at, panel);
            }
        }
        tile::compute::<I>(tile);
    }

    /// The largest tile, in which nearly all the time is spent, with the sizes of the layer: a row of the left factor is at a known distance from
    /// the one before it, for whose addresses there would be too few registers.
    #[inline(always)]
    fn largest<I: Isa, const M: usize, const G: usize>(left: A, right: B, tile: Tile<'_>, at: At, panel: Option<&[Line]>) {
        let left = left.rows::<M>(at.row, at.part.first, at.part.depth);
        match (panel, right.rows()) {
            (Some(panel), _) => tile.walk::<I, _, _, M, G>(left, panel.as_chunks::<G>().0),
            (None, Some(rows)) => tile.walk::<I, _, _, M, G>(left, Strided { rows, place: at.place }),
            (None, None) => unreachable!("what does not lie in memory is copied"),
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

    /// The walk of a tile to its end, copying as it goes.
    #[inline(always)]
    fn walk_all<I: Isa>(&mut self, at: At, copies: &mut Copies, sums: &mut Sums) {
        let depth = at.part.depth;
        for first in (0..depth).step_by(BLOCK) {
            let part = Part { first, depth: BLOCK.min(depth - first), is_last: first + BLOCK >= depth };
            self.left.gather::<I>(at.row, at.count, part, &mut copies.columns);
            copies.panels.clear();
            self.right.pack::<I>(part, at.place, &mut copies.panels);
            self.walk::<I>(At { part, ..at }, Some(&copies.panels), &copies.columns, sums);
        }
    }

    /// Takes the sums of a tile.
    #[inline(always)]
    fn finish<I: Isa>(&mut self, at: At, sums: &Sums) {
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

/// Where a tile is: rows `row..row + count` of a place.
#[derive(Clone, Copy)]
struct At {
    part: Part,
    row: usize,
    count: usize,
    place: Place,
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
