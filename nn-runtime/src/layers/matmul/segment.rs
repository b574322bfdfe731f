//! Parts of matrices: some columns of a row, some steps of a sum.

use crate::each::each;
use crate::isa::{LANES, Vector};
use crate::vector::{part, part_mut, sixteen, sixteen_mut};

/// Part of a row: `width` columns from `column` on.
#[derive(Clone, Copy)]
pub(crate) struct Segment {
    pub column: usize,
    pub width: usize,
}

impl Segment {
    /// How many vectors hold it.
    #[inline(always)]
    pub const fn vectors(self) -> usize {
        self.width.div_ceil(LANES)
    }

    /// The numbers of the segment in a row, then zeros.
    #[inline(always)]
    pub fn load<V: Vector, const G: usize>(self, row: &[f32]) -> [V; G] {
        let end = self.column + self.width;
        assert!(end <= row.len(), "the row holds the segment");
        let mut vectors = [V::splat(0.0); G];
        each!(G, |g| {
            let start = self.column + g * LANES;
            vectors[g] = match sixteen(row, start) {
                Some(whole) if start + LANES <= end => V::load(whole),
                _ => V::load_few(part(row, start, end - start)),
            };
        });
        vectors
    }

    /// Writes the first numbers into the segment of a row.
    #[inline(always)]
    pub fn store<V: Vector, const G: usize>(self, vectors: [V; G], row: &mut [f32]) {
        let end = self.column + self.width;
        assert!(end <= row.len(), "the row holds the segment");
        each!(G, |g| {
            let start = self.column + g * LANES;
            match sixteen_mut(row, start) {
                Some(whole) if start + LANES <= end => vectors[g].store(whole),
                _ => vectors[g].store_few(part_mut(row, start, end - start)),
            }
        });
    }

    /// Its parts of `width` columns, of which the last one may be narrower.
    #[inline(always)]
    pub fn parts(self, width: usize) -> impl Iterator<Item = Self> {
        (0..self.width)
            .step_by(width)
            .map(move |start| Self { column: self.column + start, width: width.min(self.width - start) })
    }
}

/// A part of the walk over `d`.
#[derive(Clone, Copy)]
pub(crate) struct DepthRange {
    pub first: usize,
    pub depth: usize,
    /// Whether the walk ends here.
    pub is_last: bool,
}
