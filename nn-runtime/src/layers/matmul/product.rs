//! The product, and how many accumulators its sums have.

use super::factors::{Left, Right};
use super::output::Output;
use crate::isa::{Isa, LANES};

/// A shorter walk takes less time than a call, or than adding several accumulators.
const LEAST_DEPTH: usize = 8;

/// The product, as in the head of `mod.rs`. `D` is the length of its sums where that is known, else
/// 0; with `N` it decides at compile time how the product is computed.
pub(crate) struct Product<A, B, O, const D: usize, const N: usize> {
    pub left: A,
    pub right: B,
    pub out: O,
}

/// How many accumulators a sum of `depth` numbers has in a product of so many columns: enough to
/// keep the multipliers busy with a single row.
pub(crate) const fn accumulators<I: Isa>(depth: usize, columns: usize) -> usize {
    let mut accumulators = 1;
    while depth >= LEAST_DEPTH && accumulators < 4 && 2 * accumulators * columns.div_ceil(LANES) <= I::SUMS / 3 {
        accumulators *= 2;
    }
    accumulators
}

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// How many accumulators a sum has. Sums that may be cut have one, and so do those of an input
    /// gradient, since a batch has enough rows.
    pub(super) const fn accumulators<I: Isa>() -> usize {
        if A::WHOLE && !B::IS_TRANSPOSED { accumulators::<I>(D, N) } else { 1 }
    }

    /// Whether it uses precompiled tiles: they have one accumulator, and take longer than a call.
    pub(super) const fn is_wide<I: Isa>() -> bool {
        N > 2 * LANES && (D == 0 || D >= LEAST_DEPTH) && Self::accumulators::<I>() == 1 && !B::IS_TRANSPOSED
    }
}
