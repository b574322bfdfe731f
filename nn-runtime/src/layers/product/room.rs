//! Where operands are copied together: memory of the thread, since a frame of this size would touch each of its pages in each
//! call.

use super::place::Line;
use super::tile::{BLOCK, PANEL, STEPS};

/// How much more room there is for panels that columns are copied for: each copy reads all of the left factor, which may lie far. A
/// machine without `std` may have little.
const MORE: usize = if cfg!(feature = "std") { 4 } else { 1 };

/// Lines of panels.
pub(super) const PANELS: usize = MORE * STEPS * PANEL;

/// The room of a product.
pub(super) struct Room {
    /// Panels of the right factor: vectors of a few columns, row after row.
    pub panels: [Line; PANELS],
    /// Columns of a few rows of the left factor.
    pub columns: [Line; BLOCK],
}

impl Room {
    const EMPTY: Self = Self { panels: [Line::ZERO; _], columns: [Line::ZERO; _] };
}

/// Calls a function with the room of this thread.
#[cfg(feature = "std")]
pub(super) fn with_room<T>(call: impl FnOnce(&mut Room) -> T) -> T {
    use core::cell::RefCell;

    std::thread_local! {
        static ROOM: RefCell<Room> = const { RefCell::new(Room::EMPTY) };
    }
    ROOM.with_borrow_mut(call)
}

/// Calls a function with room on the stack.
#[cfg(not(feature = "std"))]
pub(super) fn with_room<T>(call: impl FnOnce(&mut Room) -> T) -> T {
    call(&mut { Room::EMPTY })
}
