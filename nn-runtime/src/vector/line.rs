//! Cache lines of sixteen numbers.

use super::{LANES, Vector};

/// A cache line of sixteen numbers.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Line(pub(crate) [f32; LANES]);

impl Line {
    pub(crate) const ZERO: Self = Self([0.0; LANES]);

    #[inline(always)]
    pub(crate) fn of<V: Vector>(vector: V) -> Self {
        Self(vector.to_array())
    }

    #[inline(always)]
    pub(crate) fn vector<V: Vector>(&self) -> V {
        V::load(&self.0)
    }

    /// The numbers of lines, one after another.
    #[inline(always)]
    pub(crate) fn numbers(lines: &[Self]) -> &[f32] {
        // SAFETY: a line is sixteen floats and as long as they are, so lines are sixteen times as
        // many floats; the borrow is the same.
        unsafe { &*core::ptr::slice_from_raw_parts(lines.as_ptr().cast(), lines.len() * LANES) }
    }
}
