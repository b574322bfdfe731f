//! `out += leftᵀ·right` for a left factor of few columns, and the sums of the columns of the right one: the gradients of a layer of few
//! inputs.
//!
//! A walk for the sums of columns alone would wait for each addition, and so does one for few others.

use super::walk::step;
use super::{Place, Transposed};
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
        for place in (Place { column: 0, width: N }).parts(WIDTH * LANES) {
            if place.vectors() == WIDTH {
                self.tile::<I, WIDTH>(place);
            } else {
                self.tile::<I, 1>(place);
            }
        }
    }

    #[inline(always)]
    fn tile<I: Isa, const G: usize>(&mut self, place: Place) {
        let mut sums = [[I::Vector::splat(0.0); G]; K];
        for k in 0..K {
            sums[k] = place.load(&self.out[k]);
        }
        let mut columns: [I::Vector; G] = place.load(self.column_sums);
        for (d, row) in self.right.iter().enumerate() {
            let row: [I::Vector; G] = place.load(row);
            sums = step(sums, Transposed { matrix: self.left, first: 0 }, d, row);
            for g in 0..G {
                columns[g] = columns[g] + row[g];
            }
        }
        for k in 0..K {
            place.store(sums[k], &mut self.out[k]);
        }
        place.store(columns, self.column_sums);
    }
}
