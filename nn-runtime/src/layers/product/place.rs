//! Places in rows, and the cache lines that hold parts of them.

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

/// A place in a row: `width` columns from `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub column: usize,
    pub width: usize,
}

impl Place {
    /// How many vectors hold it.
    #[inline(always)]
    pub const fn vectors(self) -> usize {
        self.width.div_ceil(LANES)
    }

    /// What stands there in the row, and zeros.
    #[inline(always)]
    pub fn load<V: Vector, const G: usize>(self, row: &[f32]) -> [V; G] {
        let row = &row[self.column..][..self.width];
        let mut vectors = [V::splat(0.0); G];
        for g in 0..G {
            let start = g * LANES;
            vectors[g] = match row[start..].first_chunk() {
                Some(whole) => V::load(whole),
                None => V::load_few(&row[start..]),
            };
        }
        vectors
    }

    /// Writes the first numbers there.
    #[inline(always)]
    pub fn store<V: Vector, const G: usize>(self, vectors: [V; G], row: &mut [f32]) {
        let row = &mut row[self.column..][..self.width];
        for g in 0..G {
            let rest = &mut row[g * LANES..];
            match rest.first_chunk_mut() {
                Some(whole) => vectors[g].store(whole),
                None => vectors[g].store_few(rest),
            }
        }
    }

    /// Its parts of `width` columns, of which the last one may be narrower.
    #[inline(always)]
    pub fn parts(self, width: usize) -> impl Iterator<Item = Self> {
        (0..self.width)
            .step_by(width)
            .map(move |start| Self { column: self.column + start, width: width.min(self.width - start) })
    }
}
