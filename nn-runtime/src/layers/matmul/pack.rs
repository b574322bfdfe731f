//! Packing of the operands of tiles, compiled once like the tiles (`tile.rs`).

use super::line::Line;
use super::segment::Segment;
use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Running, Vector, run_within};

/// Writes a panel of a segment in rows of `stride` numbers.
#[inline(never)]
pub(super) fn pack(path: Running, numbers: &[f32], stride: usize, segment: Segment, to: &mut [Line]) {
    run_within(path, Pack { numbers, stride, segment, to });
}

struct Pack<'a> {
    numbers: &'a [f32],
    stride: usize,
    segment: Segment,
    to: &'a mut [Line],
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { numbers, stride, segment, to } = self;
        for (from, to) in numbers.chunks_exact(stride).zip(to.chunks_exact_mut(segment.vectors())) {
            for (segment, to) in segment.parts(LANES).zip(to) {
                let [vector]: [I::Vector; 1] = segment.load(from);
                *to = Line::of(vector);
            }
        }
    }
}

/// Writes a panel of a segment of a transpose: `columns` are the rows of `stride` numbers that are
/// in memory.
#[inline(never)]
pub(super) fn transpose(path: Running, columns: &[f32], stride: usize, rows: Segment, to: &mut [Line]) {
    run_within(path, Transpose { columns, stride, rows, to });
}

struct Transpose<'a> {
    columns: &'a [f32],
    stride: usize,
    rows: Segment,
    to: &'a mut [Line],
}

impl Kernel for Transpose<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        if self.columns.len() > self.stride * LANES { self.all::<I, 2>() } else { self.all::<I, 1>() }
    }
}

impl Transpose<'_> {
    /// All rows of `G` vectors.
    #[inline(always)]
    fn all<I: Isa, const G: usize>(self) {
        for (square, panel) in self.rows.parts(LANES).zip(self.to.chunks_mut(LANES * G)) {
            for (g, columns) in self.columns.chunks(self.stride * LANES).enumerate() {
                let transposed: [I::Vector; LANES] = transpose_square(columns, self.stride, square);
                for (step, to) in panel.as_chunks_mut::<G>().0.iter_mut().enumerate() {
                    to[g] = Line::of(transposed[step]);
                }
            }
        }
    }
}

/// Up to sixteen steps of a panel: a segment in the first sixteen columns of `stride` numbers, or
/// in fewer.
#[inline(always)]
pub(super) fn transpose_square<V: Vector>(columns: &[f32], stride: usize, segment: Segment) -> [V; LANES] {
    let zeros = [[0.0; LANES]; LANES];
    let mut rows = zeros.each_ref();
    if segment.width == LANES && columns.len() >= LANES * stride {
        each!(LANES, |row| {
            rows[row] = columns[row * stride + segment.column..].first_chunk().expect("sixteen columns");
        });
        return V::load_columns(rows);
    }
    let mut square = zeros;
    for (row, column) in square.iter_mut().zip(columns.chunks_exact(stride)) {
        let [vector]: [V; 1] = segment.load(column);
        vector.store(row);
    }
    V::load_columns(square.each_ref())
}

/// Copies a segment of rows of `stride` numbers, at most sixteen of each: columns of what is
/// multiplied by its transpose.
#[inline(never)]
pub(super) fn gather(path: Running, numbers: &[f32], stride: usize, segment: Segment, to: &mut [Line]) {
    run_within(path, Gather { numbers, stride, segment, to });
}

struct Gather<'a> {
    numbers: &'a [f32],
    stride: usize,
    segment: Segment,
    to: &'a mut [Line],
}

impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        for (from, to) in self.numbers.chunks_exact(self.stride).zip(self.to) {
            let [column]: [I::Vector; 1] = self.segment.load(from);
            *to = Line::of(column);
        }
    }
}
