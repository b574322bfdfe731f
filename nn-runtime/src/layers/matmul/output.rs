//! What sums begin with, and what becomes of them.

use super::inner_loop::Reads;
use super::line::{Line, load_lines};
use super::segment::Segment;
use crate::each::each;
use crate::isa::{Isa, Vector};

/// What sums begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// 0.
    Zero,
    /// The same for each row.
    Row,
    /// Each with its own number, which is where sums may be kept.
    Rows,
}

/// What the sums begin with, and what becomes of them.
pub(crate) trait Output<const N: usize> {
    /// What they begin with.
    const BEGIN: Begin;

    /// How many rows it has.
    fn rows(&self) -> usize;

    /// What the sums of a segment begin with.
    fn begin<V: Vector, const G: usize>(&self, row: usize, segment: Segment) -> [V; G];

    /// Takes the sums of a segment.
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, sums: [I::Vector; G]);

    /// Takes the sums of a segment in rows from `row` on.
    #[inline(always)]
    fn finish_rows<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, rows: &[[Line; G]]) {
        each!(rows.len(), |m| self.finish::<I, G>(row + m, segment, load_lines(&rows[m])));
    }

    /// What [`finish`](Self::finish) reads for `count` rows of a segment, as much of it as there is
    /// room for.
    #[inline(always)]
    fn reads(&self, _row: usize, _count: usize, _place: Segment, _to: &mut Reads) {}

    /// Whether the sums themselves are the output.
    fn is_sum(&self) -> bool;

    /// Where sums may be kept while there are more to add, if anywhere.
    fn partial(&mut self) -> Option<&mut [[f32; N]]>;
}

/// Sums that are added to the output.
pub(crate) struct Added<'a, const N: usize>(pub &'a mut [[f32; N]]);

impl<const N: usize> Output<N> for Added<'_, N> {
    const BEGIN: Begin = Begin::Rows;

    #[inline(always)]
    fn rows(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn begin<V: Vector, const G: usize>(&self, row: usize, segment: Segment) -> [V; G] {
        segment.load(&self.0[row])
    }

    #[inline(always)]
    fn finish<I: Isa, const G: usize>(&mut self, row: usize, segment: Segment, sums: [I::Vector; G]) {
        segment.store(sums, &mut self.0[row]);
    }

    #[inline(always)]
    fn is_sum(&self) -> bool {
        true
    }

    #[inline(always)]
    fn partial(&mut self) -> Option<&mut [[f32; N]]> {
        Some(self.0)
    }
}
