//! The product with the transpose of a wide matrix, computed as its own transpose: `outᵀ = matrix·leftᵀ`.
//!
//! So it is the left factor and the output that are turned, of as many rows as a batch has, and not the matrix, which is walked as
//! it lies in memory.
//!
//! Transposing the matrix instead would take a share of the products that depends on the rows of
//! the batch alone. At 32 rows, 256→256 reaches 68 % of the peak that way and 84 % as a transposed
//! product. Up to 128 units, the matrix is transposed panel by panel after all (`own.rs`), since a
//! panel stays in the first-level cache: 128→64 reaches 78 % and 94 % of the peak at 32 and 256
//! rows, against 67 % and 63 % here. The bits are the same.

use super::place::{Line, Place, load_lines};
use super::room::{Room, STEPS, with_room};
use super::tile::{self, Factor, PANEL, Panel, Start, Tile};
use super::walk::Ahead;
use super::{Left, Output, Part, Plain, choose_largest, copies, own, packed};
use crate::isa::{Isa, Kernel, LANES, Running, run_within};

/// `out = left·matrixᵀ` of rows of `D` numbers, for sums that begin with 0.
pub(crate) struct Flipped<'a, O, const D: usize, const N: usize> {
    pub left: &'a [[f32; D]],
    pub matrix: &'a [[f32; D]; N],
    pub out: O,
}

/// Rows of the matrix whose sums are turned together: a multiple of those of a tile, and of a vector.
const BLOCK: usize = 48;

/// Sums of a block, row after row of the matrix.
#[repr(align(64))]
struct Sums([f32; BLOCK * PANEL * LANES]);

/// A block of rows of the matrix, and what it is multiplied by.
#[derive(Clone, Copy)]
struct At {
    part: Part,
    /// The rows of the matrix, which are columns of the output.
    block: Place,
    /// The rows of the left factor and of the output.
    rows: Place,
}

impl<O: Output<N>, const D: usize, const N: usize> Flipped<'_, O, D, N> {
    /// Whether that is faster. To turn the output takes as long whatever the length of its sums, and a panel of a matrix with short rows is
    /// turned where a first-level cache holds it.
    pub const fn pays() -> bool {
        N > 2 * LANES && D > own::STEPS
    }

    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(self) {
        let path = Running::on::<I>();
        with_room(|room| run_within(path, Turning { product: self, room }));
    }
}

/// The product, computed in the room of the thread.
struct Turning<'a, O, const D: usize, const N: usize> {
    product: Flipped<'a, O, D, N>,
    room: Room<'a>,
}

impl<O: Output<N>, const D: usize, const N: usize> Kernel for Turning<'_, O, D, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let rows = Place { column: 0, width: self.product.out.rows() };
        let mut sums = Sums([0.0; _]);
        for part in packed::parts(D, STEPS) {
            for rows in rows.parts(packed::width::<I>(part.depth)) {
                self.turn::<I>(part, rows);
                for block in (Place { column: 0, width: N }).parts(BLOCK) {
                    self.block::<I>(At { part, block, rows }, &mut sums);
                }
            }
        }
    }
}

impl<O: Output<N>, const D: usize, const N: usize> Turning<'_, O, D, N> {
    /// Turns rows of the left factor into panels.
    #[inline(always)]
    fn turn<I: Isa>(&mut self, part: Part, rows: Place) {
        let steps = Place { column: part.first, width: part.depth };
        let mut panels = &mut self.room.panels[..];
        for panel in rows.parts(I::WIDTH * LANES) {
            let (to, rest) = panels.split_at_mut(part.depth * panel.vectors());
            let from = self.product.left[panel.column..][..panel.width].as_flattened();
            copies::turn(Running::on::<I>(), from, D, steps, to);
            panels = rest;
        }
    }

    /// A block, panel by panel.
    #[inline(always)]
    fn block<I: Isa>(&mut self, all: At, sums: &mut Sums) {
        let mut done = 0;
        for rows in all.rows.parts(I::WIDTH * LANES) {
            let at = At { rows, ..all };
            let panel = &self.room.panels[done..][..at.part.depth * rows.vectors()];
            if at.part.first > 0 {
                self.product.begin::<I>(at, sums);
            }
            self.product.tiles::<I>(at, panel, sums);
            self.product.finish::<I>(at, sums);
            done += panel.len();
        }
    }
}

impl<O: Output<N>, const D: usize, const N: usize> Flipped<'_, O, D, N> {
    /// The tiles of a block.
    #[inline(always)]
    fn tiles<I: Isa>(&self, at: At, panel: &[Line], sums: &mut Sums) {
        let (part, vectors) = (at.part, at.rows.vectors());
        let begin = if part.first > 0 { Start::Sums } else { Start::Zero };
        let stride = vectors * LANES;
        let mut done = 0;
        while done < at.block.width {
            let rows = tile::rows_of::<I>(at.block.width - done);
            let row = at.block.column + done;
            let left: Factor<'_> = Plain(&self.matrix[..]).factor(row, part);
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
        let left = Plain(&self.matrix[..]).rows::<M>(row, at.part.first, at.part.depth);
        tile.walk_ahead::<I, _, M, G>(left, Ahead { panel: panel.as_chunks::<G>().0, next: &[] });
    }

    /// Goes on with sums that wait in the output.
    #[inline(always)]
    fn begin<I: Isa>(&mut self, at: At, sums: &mut Sums) {
        let Some(partial) = self.out.partial() else { return };
        let mut turned = [Line::ZERO; BLOCK * PANEL];
        let turned = &mut turned[..at.block.width * at.rows.vectors()];
        let from = partial[at.rows.column..][..at.rows.width].as_flattened();
        copies::turn(Running::on::<I>(), from, N, at.block, turned);
        for (line, sums) in turned.iter().zip(sums.0.as_chunks_mut().0) {
            *sums = line.0;
        }
    }

    /// Takes the sums of a block, two vectors of columns at a time.
    #[inline(always)]
    fn finish<I: Isa>(&mut self, at: At, sums: &Sums) {
        let stride = at.rows.vectors() * LANES;
        let mut turned = [Line::ZERO; PANEL * PANEL * LANES];
        for columns in (Place { column: 0, width: at.block.width }).parts(PANEL * LANES) {
            let from = &sums.0[columns.column * stride..][..columns.width * stride];
            let turned = &mut turned[..at.rows.width * columns.vectors()];
            copies::turn(Running::on::<I>(), from, stride, Place { column: 0, width: at.rows.width }, turned);
            let place = Place { column: at.block.column + columns.column, width: columns.width };
            if columns.vectors() == PANEL {
                self.finish_rows::<I, PANEL>(at, place, turned);
            } else {
                self.finish_rows::<I, 1>(at, place, turned);
            }
        }
    }

    /// Takes `G` vectors of each row.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, at: At, place: Place, turned: &[Line]) {
        for (m, sums) in turned.as_chunks::<G>().0.iter().enumerate() {
            let (row, sums) = (at.rows.column + m, load_lines::<I::Vector, G>(sums));
            match self.out.partial() {
                Some(partial) if !at.part.is_last => place.store(sums, &mut partial[row]),
                _ => self.out.finish::<I, G>(row, place, sums),
            }
        }
    }
}
