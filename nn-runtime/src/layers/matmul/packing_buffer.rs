//! The memory that operands are packed into.
//!
//! With `std` it is 272 KiB that a thread keeps. It is allocated when a trainer or a predictor of
//! many rows is made whose network is large enough to have such layers (1,040 and 8,192
//! parameters), when one of our threads starts, or else in the first such product. `assert memory`
//! does not count it. As a stack frame it would cost 5 µs in each call, and static memory of
//! threads is taken from their stacks. Without `std` it is 80 KiB of the stack.

use super::line::Line;
use super::tile::PANEL;

/// Steps of `d` whose columns are packed. Sums over the rows of a batch are not cut up to here, so
/// that an optimizer may take them from registers.
pub(super) const BLOCK: usize = 256;

/// Steps of a panel that are packed at a time: 128 KiB for two vectors. A machine without `std` may
/// have little.
pub(super) const STEPS: usize = if cfg!(feature = "std") { 4 * BLOCK } else { 2 * BLOCK };

/// Lines of panels. The more there are, the less often columns are packed for them, each time from
/// all of the left factor.
pub(super) const PANELS: usize = if cfg!(feature = "std") { 2 * STEPS * PANEL } else { STEPS * PANEL };

/// Bytes of it in a build without `std`, with the lines that align it.
#[cfg(feature = "std")]
pub(crate) const ON_STACK: usize = (2 * BLOCK * PANEL + BLOCK + 1) * size_of::<Line>();

/// The memory for one product.
pub(super) struct PackingBuffer<'a> {
    /// Panels of the right factor: vectors of a few columns, row after row.
    pub panels: &'a mut [Line],
    /// Columns of a few rows of the left factor.
    pub columns: &'a mut [Line],
}

#[cfg(feature = "std")]
std::thread_local! {
    static LINES: std::cell::RefCell<std::vec::Vec<Line>> = const { std::cell::RefCell::new(std::vec::Vec::new()) };
}

/// Calls a function with the packing buffer of this thread.
#[cfg(feature = "std")]
pub(super) fn with_packing_buffer<T>(call: impl FnOnce(PackingBuffer<'_>) -> T) -> T {
    LINES.with_borrow_mut(|lines| {
        if lines.is_empty() {
            lines.resize(PANELS + BLOCK, Line::ZERO);
        }
        let (panels, columns) = lines.split_at_mut(PANELS);
        call(PackingBuffer { panels, columns })
    })
}

/// Allocates the packing buffer of this thread, so that no product has to.
pub(crate) fn reserve() {
    #[cfg(feature = "std")]
    with_packing_buffer(|_| ());
}

/// Calls a function with a packing buffer on the stack: not inlined, so that a product of few rows,
/// which packs nothing, has no such frame.
#[cfg(not(feature = "std"))]
#[inline(never)]
pub(super) fn with_packing_buffer<T>(call: impl FnOnce(PackingBuffer<'_>) -> T) -> T {
    let (mut panels, mut columns) = ([Line::ZERO; PANELS], [Line::ZERO; BLOCK]);
    call(PackingBuffer { panels: &mut panels, columns: &mut columns })
}
