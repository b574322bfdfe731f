//! Products of precompiled tiles: when their factors are packed, and the walk where they are not.

use super::choose::choose;
use super::factors::{Left, Right};
use super::output::Output;
use super::packed::{Order, Packing};
use super::packing_buffer::{BLOCK, with_packing_buffer};
use super::product::Product;
use super::segment::{DepthRange, Segment};
use super::tile::{self, Sums};
use super::tiling::At;
use crate::isa::{Isa, LANES, Running, run_within};

/// A right factor of so many floats stays in a first-level cache by itself.
pub(super) const CACHED: usize = 8192;

/// A right factor of so few columns is not packed.
pub(super) const FEW: usize = 4 * LANES;

/// From so many rows on, packing panels pays for itself: for a right factor that fits into a
/// second-level cache of 1 MiB, and for one that does not. Panels that were packed in advance are
/// used from the latter on.
pub(super) const PACKED_ROWS: [usize; 2] = [48, 16];

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// Whether nothing is ever packed.
    const IS_SMALL: bool = N <= FEW || D > 0 && D * N <= CACHED;

    /// Computes it.
    #[inline(always)]
    pub(super) fn with_precompiled_tiles<I: Isa>(mut self) {
        choose! {
            Self::IS_SMALL => self.in_place::<I>();
        }
        match self.order() {
            Some(order) => self.packing::<I>(order),
            None => self.in_place::<I>(),
        }
    }

    /// The order in which panels are packed, if they are: those of a large right factor that is
    /// walked often, since its long rows would hit few sets of the caches, and a page each.
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
        with_packing_buffer(|buffer| run_within(path, Packing { product: self, order, buffer }));
    }

    /// Computes it without packing.
    #[inline(always)]
    fn in_place<I: Isa>(mut self) {
        let rows = self.out.rows();
        let range = DepthRange { first: 0, depth: self.right.depth(), is_last: true };
        let mut sums = Sums::new();
        let mut row = 0;
        while row < rows {
            let count = tile::rows_of::<I>(rows - row);
            let vectors = if A::IS_SCATTERED { I::WIDTH } else { tile::vectors_of::<I>(count) };
            for segment in (Segment { column: 0, width: N }).parts(vectors * LANES) {
                let at = At { range, row, count, segment };
                self.walk::<I>(at, None, &mut sums);
                self.finish::<I>(at, &sums);
            }
            row += count;
        }
    }
}
