//! Where operands are copied together.
//!
//! With `std` it is memory that a thread keeps: a frame of this size would touch each of its pages in each call, and the stack may be
//! smaller. It is taken where a trainer, a predictor or a thread of ours begins, or else in the first such product.
//!
//! With `std` a thread keeps 272 KiB. They are taken where a trainer or a predictor of many rows is
//! made whose network is large enough to have such layers (1,040 and 8,192 parameters); `assert
//! memory` does not count them. A frame of that size would cost 5 µs in each call, and static
//! memory of threads would be taken from their stacks. Without `std` they are 80 KiB of the stack.

use super::place::Line;
use super::tile::PANEL;

/// Steps of `d` whose columns are copied together. Sums over the rows of a batch are not cut up to here, so that an
/// optimizer may take them from registers.
pub(super) const BLOCK: usize = 256;

/// Steps of a panel that are copied together at a time: 128 KiB for two vectors. A machine without `std` may have little.
pub(super) const STEPS: usize = if cfg!(feature = "std") { 4 * BLOCK } else { 2 * BLOCK };

/// Lines of panels. The more of them, the less often columns are copied for them, each time from all of the left factor, which may lie
/// far.
pub(super) const PANELS: usize = if cfg!(feature = "std") { 2 * STEPS * PANEL } else { STEPS * PANEL };

/// The room of a product.
pub(super) struct Room<'a> {
    /// Panels of the right factor: vectors of a few columns, row after row.
    pub panels: &'a mut [Line],
    /// Columns of a few rows of the left factor.
    pub columns: &'a mut [Line],
}

#[cfg(feature = "std")]
std::thread_local! {
    static LINES: std::cell::RefCell<std::vec::Vec<Line>> = const { std::cell::RefCell::new(std::vec::Vec::new()) };
}

/// Calls a function with the room of this thread.
#[cfg(feature = "std")]
pub(super) fn with_room<T>(call: impl FnOnce(Room<'_>) -> T) -> T {
    LINES.with_borrow_mut(|lines| {
        if lines.is_empty() {
            lines.resize(PANELS + BLOCK, Line::ZERO);
        }
        let (panels, columns) = lines.split_at_mut(PANELS);
        call(Room { panels, columns })
    })
}

/// Takes the room of this thread, so that no product has to.
pub(crate) fn reserve() {
    #[cfg(feature = "std")]
    with_room(|_| ());
}

/// Calls a function with room on the stack.
#[cfg(not(feature = "std"))]
pub(super) fn with_room<T>(call: impl FnOnce(Room<'_>) -> T) -> T {
    let (mut panels, mut columns) = ([Line::ZERO; PANELS], [Line::ZERO; BLOCK]);
    call(Room { panels: &mut panels, columns: &mut columns })
}
