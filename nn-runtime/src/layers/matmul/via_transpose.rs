//! The product with the transpose of a wide matrix, computed as its own transpose:
//! `outᵀ = matrix·leftᵀ`.
//!
//! The left factor and the output are transposed, which have as many rows as the batch, and not the
//! matrix, which is walked as it is in memory.
//!
//! Transposing the matrix instead would take a share of the products that depends on the rows of
//! the batch alone. At 32 rows, 256→256 reaches 68 % of the peak that way and 84 % as a transposed
//! product. Up to 128 units, the matrix is transposed panel by panel after all
//! (`constant_tiles.rs`), since a panel stays in the first-level cache: 128→64 reaches 78 % and 94
//! % of the peak at 32 and 256 rows, against 67 % and 63 % here. The bits are the same.

use super::choose::choose_largest;
use super::factors::{Left, Plain, TRANSPOSED_STEPS};
use super::inner_loop::Ahead;
use super::line::{Line, load_lines};
use super::output::Output;
use super::packing_buffer::{PackingBuffer, STEPS, with_packing_buffer};
use super::segment::{DepthRange, Segment};
use super::tile::{self, Factor, PANEL, Panel, Start, Tile};
use super::{pack, packed};
use crate::isa::{Isa, Kernel, LANES, Running, run_within};

/// `out = left·matrixᵀ` of rows of `D` numbers, for sums that begin with 0.
pub(crate) struct ViaTranspose<'a, O, const D: usize, const N: usize> {
    pub left: &'a [[f32; D]],
    pub matrix: &'a [[f32; D]; N],
    pub out: O,
}

/// Rows of the matrix whose sums are transposed together: a multiple of those of a tile, and of a
/// vector.
const BLOCK: usize = 48;

/// Sums of a block, row after row of the matrix.
#[repr(align(64))]
struct Sums([f32; BLOCK * PANEL * LANES]);

/// A block of rows of the matrix, and what it is multiplied by.
#[derive(Clone, Copy)]
struct At {
    range: DepthRange,
    /// The rows of the matrix, which are columns of the output.
    block: Segment,
    /// The rows of the left factor and of the output.
    rows: Segment,
}

impl<O: Output<N>, const D: usize, const N: usize> ViaTranspose<'_, O, D, N> {
    /// Whether that is faster. Transposing the output takes as long for short sums as for long
    /// ones, and a panel of a matrix with short rows is transposed within the first-level cache.
    pub const fn pays() -> bool {
        N > 2 * LANES && D > TRANSPOSED_STEPS
    }

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(self) {
        let path = Running::on::<I>();
        with_packing_buffer(|buffer| run_within(path, PackedViaTranspose { product: self, buffer }));
    }
}

/// The product, computed in the packing buffer of the thread.
struct PackedViaTranspose<'a, O, const D: usize, const N: usize> {
    product: ViaTranspose<'a, O, D, N>,
    buffer: PackingBuffer<'a>,
}

impl<O: Output<N>, const D: usize, const N: usize> Kernel for PackedViaTranspose<'_, O, D, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let rows = Segment { column: 0, width: self.product.out.rows() };
        let mut sums = Sums([0.0; _]);
        for range in packed::depth_ranges(D, STEPS) {
            for rows in rows.parts(packed::width::<I>(range.depth)) {
                self.transpose::<I>(range, rows);
                for block in (Segment { column: 0, width: N }).parts(BLOCK) {
                    self.block::<I>(At { range, block, rows }, &mut sums);
                }
            }
        }
    }
}

impl<O: Output<N>, const D: usize, const N: usize> PackedViaTranspose<'_, O, D, N> {
    /// Transposes rows of the left factor into panels.
    #[inline(always)]
    fn transpose<I: Isa>(&mut self, range: DepthRange, rows: Segment) {
        let steps = Segment { column: range.first, width: range.depth };
        let mut panels = &mut self.buffer.panels[..];
        for panel in rows.parts(I::WIDTH * LANES) {
            let (to, rest) = panels.split_at_mut(range.depth * panel.vectors());
            let from = self.product.left[panel.column..][..panel.width].as_flattened();
            pack::transpose(Running::on::<I>(), from, D, steps, to);
            panels = rest;
        }
    }

    /// A block, panel by panel.
    #[inline(always)]
    fn block<I: Isa>(&mut self, all: At, sums: &mut Sums) {
        let mut done = 0;
        for rows in all.rows.parts(I::WIDTH * LANES) {
            let at = At { rows, ..all };
            let panel = &self.buffer.panels[done..][..at.range.depth * rows.vectors()];
            if at.range.first > 0 {
                self.product.begin::<I>(at, sums);
            }
            self.product.tiles::<I>(at, panel, sums);
            self.product.finish::<I>(at, sums);
            done += panel.len();
        }
    }
}

impl<O: Output<N>, const D: usize, const N: usize> ViaTranspose<'_, O, D, N> {
    /// The tiles of a block.
    #[inline(always)]
    fn tiles<I: Isa>(&self, at: At, panel: &[Line], sums: &mut Sums) {
        let (range, vectors) = (at.range, at.rows.vectors());
        let begin = if range.first > 0 { Start::Sums } else { Start::Zero };
        let stride = vectors * LANES;
        let mut done = 0;
        while done < at.block.width {
            let rows = tile::rows_of::<I>(at.block.width - done);
            let row = at.block.column + done;
            let left: Factor<'_> = Plain(&self.matrix[..]).factor(row, range);
            let sums = &mut sums.0[done * stride..];
            let tile = Tile { left, right: Panel::Packed(panel), rows, vectors, begin, sums, stride };
            if vectors == I::WIDTH && rows == tile::tallest::<I>() {
                choose_largest! { I => largest(self, at, row, tile, panel) }
            } else {
                tile::compute(Running::on::<I>(), tile);
            }
            done += rows;
        }
    }

    /// The largest tile, with the sizes of the layer.
    #[inline(always)]
    fn largest<I: Isa, const M: usize, const G: usize>(&self, at: At, row: usize, tile: Tile<'_>, panel: &[Line]) {
        let left = Plain(&self.matrix[..]).rows::<M>(row, at.range.first, at.range.depth);
        tile.walk_ahead::<I, _, M, G>(left, Ahead { panel: panel.as_chunks::<G>().0, next: &[] });
    }

    /// Goes on with sums that wait in the output.
    #[inline(always)]
    fn begin<I: Isa>(&mut self, at: At, sums: &mut Sums) {
        let Some(partial) = self.out.partial() else { return };
        let mut transposed = [Line::ZERO; BLOCK * PANEL];
        let transposed = &mut transposed[..at.block.width * at.rows.vectors()];
        let from = partial[at.rows.column..][..at.rows.width].as_flattened();
        pack::transpose(Running::on::<I>(), from, N, at.block, transposed);
        for (line, sums) in transposed.iter().zip(sums.0.as_chunks_mut().0) {
            *sums = line.0;
        }
    }

    /// Takes the sums of a block, two vectors of columns at a time.
    #[inline(always)]
    fn finish<I: Isa>(&mut self, at: At, sums: &Sums) {
        let stride = at.rows.vectors() * LANES;
        let mut transposed = [Line::ZERO; PANEL * PANEL * LANES];
        for columns in (Segment { column: 0, width: at.block.width }).parts(PANEL * LANES) {
            let from = &sums.0[columns.column * stride..][..columns.width * stride];
            let transposed = &mut transposed[..at.rows.width * columns.vectors()];
            pack::transpose(Running::on::<I>(), from, stride, Segment { column: 0, width: at.rows.width }, transposed);
            let segment = Segment { column: at.block.column + columns.column, width: columns.width };
            if columns.vectors() == PANEL {
                self.finish_rows::<I, PANEL>(at, segment, transposed);
            } else {
                self.finish_rows::<I, 1>(at, segment, transposed);
            }
        }
    }

    /// Takes `G` vectors of each row.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, at: At, segment: Segment, transposed: &[Line]) {
        for (m, sums) in transposed.as_chunks::<G>().0.iter().enumerate() {
            let (row, sums) = (at.rows.column + m, load_lines::<I::Vector, G>(sums));
            match self.out.partial() {
                Some(partial) if !at.range.is_last => segment.store(sums, &mut partial[row]),
                _ => self.out.finish::<I, G>(row, segment, sums),
            }
        }
    }
}
