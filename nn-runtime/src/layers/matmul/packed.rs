//! Products of precompiled tiles on packed panels of the right factor. Columns of the left factor
//! are packed, too, where they are far from each other.
//!
//! A weight gradient packs columns of the layer's input for eight panels or more at a time, since
//! each packing reads all of that input, from the third-level cache where it is large: 65 % of the
//! peak for two panels, 76 % for eight (1024→1024, 256 rows, the best of many calls).

use super::factors::{Left, Right};
use super::inner_loop::{FOUR, PackedColumns, Reads};
use super::line::Line;
use super::output::Output;
use super::pack;
use super::packing_buffer::{BLOCK, PANELS, PackingBuffer, STEPS};
use super::product::Product;
use super::segment::{DepthRange, Segment};
use super::tile::{self, Sums};
use super::tiling::{At, PackedOperands, matrix_of};
use crate::isa::{Isa, Kernel, LANES, Running};

/// When panels are packed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// One after another, each for all rows. A walk longer than a panel is cut, and its sums wait
    /// in the output.
    PanelsOuter,
    /// For each tile, where the output cannot keep sums: a tile walks to its end.
    PanelsInner,
}

/// The product, computed in the packing buffer of the thread.
pub(super) struct Packing<'a, A, B, O, const D: usize, const N: usize> {
    pub product: Product<A, B, O, D, N>,
    pub order: Order,
    pub buffer: PackingBuffer<'a>,
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
        for range in depth_ranges(depth, most) {
            for segment in (Segment { column: 0, width: N }).parts(width::<I>(range.depth)) {
                self.segment::<I>(range, segment);
            }
        }
    }
}

/// How many of so many steps are packed at a time, at most `most`.
const fn steps(depth: usize, most: usize) -> usize {
    let blocks = if depth > most { depth.div_ceil(most) } else { 1 };
    depth.div_ceil(blocks).next_multiple_of(LANES)
}

/// How many columns are packed at a time: as many panels as there is room for.
pub(super) const fn width<I: Isa>(depth: usize) -> usize {
    let panels = PANELS / (I::WIDTH * depth);
    if panels > 0 { panels * I::WIDTH * LANES } else { I::WIDTH * LANES }
}

/// The ranges of a walk of `depth` steps, each at most `most` long.
#[inline(always)]
pub(super) fn depth_ranges(depth: usize, most: usize) -> impl Iterator<Item = DepthRange> {
    let steps = steps(depth, most);
    (0..depth).step_by(steps).map(move |first| {
        let is_last = first + steps >= depth;
        DepthRange { first, depth: if is_last { depth - first } else { steps }, is_last }
    })
}

/// Writes the panels of a segment, one behind the other.
#[inline(always)]
fn pack_segment<I: Isa, const N: usize>(
    rows: &[[f32; N]],
    range: DepthRange,
    segment: Segment,
    mut panels: &mut [Line],
) {
    let rows = &rows[range.first..][..range.depth];
    for panel in segment.parts(I::WIDTH * LANES) {
        let (to, rest) = panels.split_at_mut(range.depth * panel.vectors());
        pack::pack(Running::on::<I>(), rows.as_flattened(), N, panel, to);
        panels = rest;
    }
}

/// Where the panels of a segment begin among all of rows of `columns` numbers.
const fn start_of(range: DepthRange, segment: Segment, columns: usize) -> usize {
    range.first * columns.div_ceil(LANES) + range.depth * (segment.column / LANES)
}

/// The lines to prefetch while a tile walks along the first of these panels: those of the same
/// panel in the next segment, as many for each tile as it prefetches.
#[inline(always)]
fn next_lines<I: Isa>(at: At, panels: &[Line], segment: Segment) -> &[Line] {
    let looks = at.range.depth / FOUR;
    let asked = at.row / tile::tallest::<I>() * looks;
    let lines = at.range.depth * at.segment.vectors();
    if asked >= lines {
        return &[];
    }
    let start = at.range.depth * segment.vectors() + asked;
    panels.get(start..).map_or(&[], |next| &next[..looks.min(lines - asked).min(next.len())])
}

/// Writes all panels of a matrix, in the order in which a product walks over them.
#[inline(always)]
pub(crate) fn pack_panels<I: Isa, const N: usize>(rows: &[[f32; N]], panels: &mut [Line]) {
    for range in depth_ranges(rows.len(), STEPS) {
        let segment = Segment { column: 0, width: N };
        pack_segment::<I, N>(rows, range, segment, &mut panels[start_of(range, segment, N)..]);
    }
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Packing<'_, A, B, O, D, N> {
    /// All rows of a segment.
    #[inline(always)]
    fn segment<I: Isa>(&mut self, range: DepthRange, segment: Segment) {
        let right = self.product.right;
        let prepared = right.panels().map(|panels| &panels[start_of(range, segment, N)..]);
        if self.order == Order::PanelsOuter && prepared.is_none() {
            pack_segment::<I, N>(matrix_of(&right), range, segment, self.buffer.panels);
        }
        let rows = self.product.out.rows();
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            self.row_of_tiles::<I>(At { range, row, count, segment }, prepared, &mut sums);
            row += count;
        }
    }

    /// The tiles of some rows of a segment.
    #[inline(always)]
    fn row_of_tiles<I: Isa>(&mut self, all: At, prepared: Option<&[Line]>, sums: &mut Sums) {
        if A::IS_SCATTERED && self.order == Order::PanelsOuter {
            self.product.left.gather::<I>(all.row, all.count, all.range, self.buffer.columns);
        }
        let mut done = 0;
        for segment in all.segment.parts(I::WIDTH * LANES) {
            let at = At { segment, ..all };
            if self.order == Order::PanelsOuter {
                let panels = prepared.unwrap_or(self.buffer.panels);
                let panel = &panels[done..][..at.range.depth * segment.vectors()];
                let next = prepared.map_or(&[][..], |panels| next_lines::<I>(at, &panels[done..], all.segment));
                let mut reads = Reads::new();
                if A::IS_SCATTERED {
                    self.product.out.reads(at.row, at.count, segment, &mut reads);
                }
                let left = PackedColumns { columns: self.buffer.columns, reads: &reads };
                self.product.walk::<I>(at, Some(PackedOperands { panel, left, next }), sums);
                done += panel.len();
            } else {
                self.walk_all::<I>(at, sums);
            }
            self.product.finish::<I>(at, sums);
        }
    }

    /// The walk of a tile to its end, packing as it goes.
    #[inline(always)]
    fn walk_all<I: Isa>(&mut self, at: At, sums: &mut Sums) {
        let depth = at.range.depth;
        let PackingBuffer { panels, columns } = &mut self.buffer;
        for range in depth_ranges(depth, BLOCK) {
            let panel = &mut panels[..range.depth * at.segment.vectors()];
            self.product.left.gather::<I>(at.row, at.count, range, columns);
            pack_segment::<I, N>(matrix_of(&self.product.right), range, at.segment, panel);
            let left = PackedColumns { columns, reads: &[] };
            self.product.walk::<I>(At { range, ..at }, Some(PackedOperands { panel, left, next: &[] }), sums);
        }
    }
}
