//! Places in a spec: byte offsets into its text.

use std::ops::Range;

/// The bytes `start..end` of a spec's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty place before the first byte of `self`.
    pub fn before(self) -> Self {
        Self::new(self.start, self.start)
    }

    /// The empty place after the last byte of `self`.
    pub fn after(self) -> Self {
        Self::new(self.end, self.end)
    }

    /// The smallest place that covers both.
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// As an index into the text.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}
