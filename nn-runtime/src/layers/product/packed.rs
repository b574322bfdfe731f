//! Products of tiles that are compiled once, with panels of the right factor copied together, and columns of the left one where
//! they lie far from each other.

use super::place::Place;
use super::room::{BLOCK, PANELS, Room, STEPS};
use super::shared::At;
use super::tile::{self, Sums};
use super::{Left, Output, Part, Product, Right};
use crate::isa::{Isa, Kernel, LANES};

/// When panels are copied together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// One after another, each for all rows. A walk that is longer than a panel is cut, and its sums wait in the output.
    PanelsOuter,
    /// For each tile, for an output that has no room for sums: so it walks to its end.
    PanelsInner,
}

/// The product, computed in the room of the thread.
pub(super) struct Packing<'a, A, B, O, const D: usize, const N: usize> {
    pub product: Product<A, B, O, D, N>,
    pub order: Order,
    pub room: Room<'a>,
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Kernel for Packing<'_, A, B, O, D, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let depth = self.product.right.depth();
        let block = if self.order == Order::PanelsOuter { Self::steps(depth) } else { depth };
        for first in (0..depth).step_by(block) {
            let part = Part { first, depth: block.min(depth - first), is_last: first + block >= depth };
            for place in (Place { column: 0, width: N }).parts(Self::width::<I>(part.depth)) {
                self.place::<I>(part, place);
            }
        }
    }
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Packing<'_, A, B, O, D, N> {
    /// How many steps of a walk are copied together at a time.
    const fn steps(depth: usize) -> usize {
        let most = if A::IS_SCATTERED { BLOCK } else { STEPS };
        let blocks = if depth > most { depth.div_ceil(most) } else { 1 };
        depth.div_ceil(blocks).next_multiple_of(LANES)
    }

    /// How many columns are copied together at a time: as many panels as there is room for.
    const fn width<I: Isa>(depth: usize) -> usize {
        let panels = PANELS / (I::WIDTH * depth);
        if panels > 0 { panels * I::WIDTH * LANES } else { I::WIDTH * LANES }
    }

    /// All rows of a place.
    #[inline(always)]
    fn place<I: Isa>(&mut self, part: Part, place: Place) {
        if self.order == Order::PanelsOuter {
            let mut panels = &mut self.room.panels[..];
            for panel in place.parts(I::WIDTH * LANES) {
                let (to, rest) = panels.split_at_mut(part.depth * panel.vectors());
                self.product.right.pack::<I>(part, panel, to);
                panels = rest;
            }
        }
        let rows = self.product.out.rows();
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            self.row_of_tiles::<I>(At { part, row, count, place }, &mut sums);
            row += count;
        }
    }

    /// The tiles of some rows of a place.
    #[inline(always)]
    fn row_of_tiles<I: Isa>(&mut self, all: At, sums: &mut Sums) {
        if A::IS_SCATTERED && self.order == Order::PanelsOuter {
            self.product.left.gather::<I>(all.row, all.count, all.part, self.room.columns);
        }
        let mut done = 0;
        for place in all.place.parts(I::WIDTH * LANES) {
            let at = At { place, ..all };
            self.product.out.prefetch(at.row, at.count, place);
            if self.order == Order::PanelsOuter {
                let panel = &self.room.panels[done..][..at.part.depth * place.vectors()];
                self.product.walk::<I>(at, Some(panel), self.room.columns, sums);
                done += panel.len();
            } else {
                self.walk_all::<I>(at, sums);
            }
            self.product.finish::<I>(at, sums);
        }
    }

    /// The walk of a tile to its end, copying as it goes.
    #[inline(always)]
    fn walk_all<I: Isa>(&mut self, at: At, sums: &mut Sums) {
        let depth = at.part.depth;
        let Room { panels, columns } = &mut self.room;
        for first in (0..depth).step_by(BLOCK) {
            let part = Part { first, depth: BLOCK.min(depth - first), is_last: first + BLOCK >= depth };
            let panel = &mut panels[..part.depth * at.place.vectors()];
            self.product.left.gather::<I>(at.row, at.count, part, columns);
            self.product.right.pack::<I>(part, at.place, panel);
            self.product.walk::<I>(At { part, ..at }, Some(panel), columns, sums);
        }
    }
}
