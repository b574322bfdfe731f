//! The matrix multiplication that dense layers are made of.
//!
//! `out[i][j] = begin + Σ_d left(i, d)·right[d][j]`.
//!
//! A tile of `M` rows and `G` vectors of columns keeps its sums in registers while it walks along
//! `d`. Each step loads `G` vectors of the right factor, broadcasts `M` numbers of the left one and
//! issues a multiply-add for each pair, so multiply-adds limit the speed. A single row takes more
//! columns, which keeps as many sums in flight. A row's last vector may be partial.
//!
//! Every sum has one accumulator and is added in the order of `d`, whichever tile computes it and
//! wherever the walk is cut, so its bits are always the same. A narrow product would leave the
//! multipliers waiting that way. Where its walk is never cut ([`Left::WHOLE`]), each sum has `C`
//! accumulators, used in turn (`d` mod `C`) and added in pairs at the end. `C` depends only on the
//! sizes of the layer and on the instruction set.
//!
//! - `constant_tiles.rs`: narrow products have tiles whose sizes are all constants, since a call
//!   would take longer than some of them. So do products with a transpose, which is transposed
//!   panel by panel.
//! - `precompiled_tiles.rs`: wide products use tiles that are compiled once, with this crate
//!   (`tile.rs`, `pack.rs`). Programs compile in a fraction of the time: per layer, only the
//!   largest tile, the start of the sums and their use are compiled (`tiling.rs`).
//! - `packed.rs`: the same for a large right factor that is walked often. Its panels are packed
//!   (`packing_buffer.rs`), since its long rows would share few sets of the caches and take a page
//!   each. A predictor packs all panels once.
//! - `via_transpose.rs`: an input gradient with long sums, computed as its transpose.
//! - `narrow.rs`: a weight gradient with few columns, computed as its transpose.
//! - `few_rows.rs`: a weight gradient with few rows.

mod choose;
mod column_sums;
mod constant_tiles;
mod factors;
mod few_rows;
mod inner_loop;
mod line;
mod narrow;
mod output;
mod pack;
mod packed;
mod packing_buffer;
mod precompiled_tiles;
mod product;
mod segment;
mod tile;
mod tiling;
mod via_transpose;

pub(crate) use choose::choose;
pub(crate) use column_sums::column_sums;
#[cfg(feature = "std")]
pub(crate) use factors::TRANSPOSED_STEPS;
pub(crate) use factors::{Plain, Prepared, TransposedLeft, TransposedRight};
pub(crate) use few_rows::FewRows;
pub(crate) use inner_loop::{Reads, add_accumulators};
pub use line::Line;
pub(crate) use line::load_lines;
pub(crate) use narrow::Narrow;
pub(crate) use output::{Added, Begin, Output};
pub(crate) use packed::pack_panels;
#[cfg(feature = "std")]
pub(crate) use packing_buffer::ON_STACK as PACKING_STACK;
pub(crate) use packing_buffer::reserve;
pub(crate) use product::{Product, accumulators};
pub(crate) use segment::Segment;
pub(crate) use via_transpose::ViaTranspose;

use crate::isa::Isa;
use factors::{Left, Right};

/// Weights and columns up to which a product reads its right factor in place.
#[cfg(feature = "std")]
pub(crate) const UNPACKED: [usize; 2] = [precompiled_tiles::CACHED, precompiled_tiles::FEW];

/// The steps of a sum over rows that are never cut.
#[cfg(feature = "std")]
pub(crate) const UNCUT_ROWS: usize = packing_buffer::BLOCK;

/// Smaller layers pack nothing when they predict: rows, and numbers of weights.
#[cfg(feature = "alloc")]
pub(crate) const LEAST_TO_PREDICT: [usize; 2] = [precompiled_tiles::PACKED_ROWS[1], precompiled_tiles::CACHED];

/// Smaller layers pack nothing when they train.
pub(crate) const LEAST_TO_TRAIN: usize = precompiled_tiles::PACKED_ROWS[1] * (precompiled_tiles::FEW + 1);

impl<A: Left, B: Right<N>, O: Output<N>, const D: usize, const N: usize> Product<A, B, O, D, N> {
    /// Computes it.
    #[inline(always)]
    pub fn compute<I: Isa>(self) {
        choose! {
            Self::is_wide::<I>() => self.with_precompiled_tiles::<I>();
            true => self.with_constant_tiles::<I>();
        }
    }
}
