//! Vectors of cache lines.

use crate::each::each;
use crate::isa::Vector;
pub use crate::vector::Line;

/// Vectors as lines.
#[inline(always)]
pub(crate) fn lines<V: Vector, const G: usize>(vectors: [V; G]) -> [Line; G] {
    let mut lines = [Line::ZERO; G];
    each!(G, |g| {
        vectors[g].store(&mut lines[g].0);
    });
    lines
}

/// The vectors of some lines.
#[inline(always)]
pub(crate) fn load_lines<V: Vector, const G: usize>(lines: &[Line; G]) -> [V; G] {
    let mut vectors = [V::splat(0.0); G];
    each!(G, |g| {
        vectors[g] = lines[g].vector();
    });
    vectors
}
