//! Products of tiles that are compiled once, with panels of the right factor copied together, and columns of the left one where
//! they lie far from each other.
//!
//! A weight gradient packs columns of the layer's input for eight panels or more at a time, since
//! each packing reads all of that input, from the third-level cache where it is large: 65 % of the
//! peak for two panels, 76 % for eight (1024→1024, 256 rows, the best of many calls).

use super::place::{Line, Place};
use super::room::{BLOCK, PANELS, Room, STEPS};
use super::shared::{At, Copies, matrix_of};
use super::tile::{self, Sums};
use super::walk::{Copied, FOUR, Reads};
use super::{Left, Output, Part, Product, Right, copies};
use crate::isa::{Isa, Kernel, LANES, Running};

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
        let most = match self.order {
            Order::PanelsInner => depth,
            Order::PanelsOuter if A::IS_SCATTERED => BLOCK,
            Order::PanelsOuter => STEPS,
        };
        for part in parts(depth, most) {
            for place in (Place { column: 0, width: N }).parts(width::<I>(part.depth)) {
                self.place::<I>(part, place);
            }
        }
    }
}

/// How many of so many steps are copied together at a time, at most `most`.
const fn steps(depth: usize, most: usize) -> usize {
    let blocks = if depth > most { depth.div_ceil(most) } else { 1 };
    depth.div_ceil(blocks).next_multiple_of(LANES)
}

/// How many columns are copied together at a time: as many panels as there is room for.
pub(super) const fn width<I: Isa>(depth: usize) -> usize {
    let panels = PANELS / (I::WIDTH * depth);
    if panels > 0 { panels * I::WIDTH * LANES } else { I::WIDTH * LANES }
}

/// The parts of a walk of so many steps.
#[inline(always)]
pub(super) fn parts(depth: usize, most: usize) -> impl Iterator<Item = Part> {
    let steps = steps(depth, most);
    (0..depth).step_by(steps).map(move |first| {
        let is_last = first + steps >= depth;
        Part { first, depth: if is_last { depth - first } else { steps }, is_last }
    })
}

/// Writes the panels of a place, one behind the other.
#[inline(always)]
fn copy_place<I: Isa, const N: usize>(rows: &[[f32; N]], part: Part, place: Place, mut panels: &mut [Line]) {
    let rows = &rows[part.first..][..part.depth];
    for panel in place.parts(I::WIDTH * LANES) {
        let (to, rest) = panels.split_at_mut(part.depth * panel.vectors());
        copies::pack(Running::on::<I>(), rows.as_flattened(), N, panel, to);
        panels = rest;
    }
}

/// Where the panels of a place begin among all of rows of `columns` numbers.
const fn start_of(part: Part, place: Place, columns: usize) -> usize {
    part.first * columns.div_ceil(LANES) + part.depth * (place.column / LANES)
}

/// Which lines to ask for while a tile walks over the first of these panels: the same panel's in the next place, as many in each tile as
/// it looks ahead.
#[inline(always)]
fn next_lines<I: Isa>(at: At, panels: &[Line], place: Place) -> &[Line] {
    let looks = at.part.depth / FOUR;
    let asked = at.row / tile::tallest::<I>() * looks;
    let lines = at.part.depth * at.place.vectors();
    if asked >= lines {
        return &[];
    }
    let start = at.part.depth * place.vectors() + asked;
    panels.get(start..).map_or(&[], |next| &next[..looks.min(lines - asked).min(next.len())])
}

/// Writes all panels of a matrix, in the order in which a product walks over them.
#[inline(always)]
pub(crate) fn copy_panels<I: Isa, const N: usize>(rows: &[[f32; N]], panels: &mut [Line]) {
    for part in parts(rows.len(), STEPS) {
        let place = Place { column: 0, width: N };
        copy_place::<I, N>(rows, part, place, &mut panels[start_of(part, place, N)..]);
    }
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Packing<'_, A, B, O, D, N> {
    /// All rows of a place.
    #[inline(always)]
    fn place<I: Isa>(&mut self, part: Part, place: Place) {
        let right = self.product.right;
        let prepared = right.panels().map(|panels| &panels[start_of(part, place, N)..]);
        if self.order == Order::PanelsOuter && prepared.is_none() {
            copy_place::<I, N>(matrix_of(&right), part, place, self.room.panels);
        }
        let rows = self.product.out.rows();
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            self.row_of_tiles::<I>(At { part, row, count, place }, prepared, &mut sums);
            row += count;
        }
    }

    /// The tiles of some rows of a place.
    #[inline(always)]
    fn row_of_tiles<I: Isa>(&mut self, all: At, prepared: Option<&[Line]>, sums: &mut Sums) {
        if A::IS_SCATTERED && self.order == Order::PanelsOuter {
            self.product.left.gather::<I>(all.row, all.count, all.part, self.room.columns);
        }
        let mut done = 0;
        for place in all.place.parts(I::WIDTH * LANES) {
            let at = At { place, ..all };
            if self.order == Order::PanelsOuter {
                let panels = prepared.unwrap_or(self.room.panels);
                let panel = &panels[done..][..at.part.depth * place.vectors()];
                let next = prepared.map_or(&[][..], |panels| next_lines::<I>(at, &panels[done..], all.place));
                let mut reads = Reads::new();
                if A::IS_SCATTERED {
                    self.product.out.reads(at.row, at.count, place, &mut reads);
                }
                let left = Copied { columns: self.room.columns, reads: &reads };
                self.product.walk::<I>(at, Some(Copies { panel, left, next }), sums);
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
        for part in parts(depth, BLOCK) {
            let panel = &mut panels[..part.depth * at.place.vectors()];
            self.product.left.gather::<I>(at.row, at.count, part, columns);
            copy_place::<I, N>(matrix_of(&self.product.right), part, at.place, panel);
            let left = Copied { columns, reads: &[] };
            self.product.walk::<I>(At { part, ..at }, Some(Copies { panel, left, next: &[] }), sums);
        }
    }
}
