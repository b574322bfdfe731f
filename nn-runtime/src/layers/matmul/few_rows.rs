//! `out += leftᵀ·right` for a left factor with few columns, and the column sums of the right one:
//! the gradients of a layer with few inputs.
//!
//! Both are computed in one walk. On its own, a walk for a few sums waits for each addition.

use super::factors::TransposedLeft;
use super::inner_loop::{Strided, accumulate, add_rows, step};
use super::segment::Segment;
use crate::each::each;
use crate::isa::{Isa, LANES, Vector};

/// Vectors of a tile.
const WIDTH: usize = 2;

/// The product, and the sums.
pub(crate) struct FewRows<'a, const K: usize, const N: usize> {
    pub left: &'a [[f32; K]],
    pub right: &'a [[f32; N]],
    pub out: &'a mut [[f32; N]; K],
    pub column_sums: &'a mut [f32; N],
}

impl<const K: usize, const N: usize> FewRows<'_, K, N> {
    /// Whether the registers hold a tile of all rows, and the sums of its columns.
    pub const fn fits<I: Isa>() -> bool {
        N > 1 && (K + 1) * WIDTH <= I::SUMS
    }

    /// Computes both.
    #[inline(always)]
    pub fn compute<I: Isa>(mut self) {
        for segment in (Segment { column: 0, width: N }).parts(WIDTH * LANES) {
            if segment.vectors() == WIDTH {
                self.tile::<I, WIDTH>(segment);
            } else {
                self.tile::<I, 1>(segment);
            }
        }
    }

    #[inline(always)]
    fn tile<I: Isa, const G: usize>(&mut self, segment: Segment) {
        let mut sums = [[I::Vector::splat(0.0); G]; K];
        each!(K, |k| {
            sums[k] = segment.load(&self.out[k]);
        });
        let mut columns: [I::Vector; G] = segment.load(self.column_sums);
        if I::Vector::WALKS {
            let right = Strided { rows: self.right, segment };
            [sums] = accumulate([sums], TransposedLeft { matrix: self.left, first: 0 }, right);
            columns = add_rows(columns, right);
        } else {
            for (d, row) in self.right.iter().enumerate() {
                let row: [I::Vector; G] = segment.load(row);
                sums = step(sums, TransposedLeft { matrix: self.left, first: 0 }, d, row);
                each!(G, |g| {
                    columns[g] = columns[g] + row[g];
                });
            }
        }
        each!(K, |k| {
            segment.store(sums[k], &mut self.out[k]);
        });
        segment.store(columns, self.column_sums);
    }
}
