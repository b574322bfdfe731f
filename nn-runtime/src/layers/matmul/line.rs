//! Cache lines of sixteen numbers.

use crate::isa::{LANES, Vector};

/// A cache line of sixteen numbers.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
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
}

/// Vectors as lines.
#[inline(always)]
pub(crate) fn lines<V: Vector, const G: usize>(vectors: [V; G]) -> [Line; G] {
    let mut lines = [Line::ZERO; G];
    for g in 0..G {
        vectors[g].store(&mut lines[g].0);
    }
    lines
}

/// The vectors of some lines.
#[inline(always)]
pub(crate) fn load_lines<V: Vector, const G: usize>(lines: &[Line; G]) -> [V; G] {
    let mut vectors = [V::splat(0.0); G];
    for g in 0..G {
        vectors[g] = lines[g].vector();
    }
    vectors
}
