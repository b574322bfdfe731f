//! What copies the operands of tiles together, compiled once as those are (`tile.rs`).

use super::place::{Line, Place};
use crate::isa::{Isa, Kernel, LANES, Running, Vector, run_within};

/// Writes a panel of a place in rows of `stride` numbers.
#[inline(never)]
pub(super) fn pack(path: Running, numbers: &[f32], stride: usize, place: Place, to: &mut [Line]) {
    run_within(path, Pack { numbers, stride, place, to });
}

struct Pack<'a> {
    numbers: &'a [f32],
    stride: usize,
    place: Place,
    to: &'a mut [Line],
}

impl Kernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { numbers, stride, place, to } = self;
        for (from, to) in numbers.chunks_exact(stride).zip(to.chunks_exact_mut(place.vectors())) {
            for (place, to) in place.parts(LANES).zip(to) {
                let [vector]: [I::Vector; 1] = place.load(from);
                *to = Line::of(vector);
            }
        }
    }
}

/// Writes a panel of a place in the columns of a matrix, whose rows lie in memory as columns of `stride` numbers.
#[inline(never)]
pub(super) fn turn(path: Running, columns: &[f32], stride: usize, rows: Place, to: &mut [Line]) {
    run_within(path, Turn { columns, stride, rows, to });
}

struct Turn<'a> {
    columns: &'a [f32],
    stride: usize,
    rows: Place,
    to: &'a mut [Line],
}

impl Kernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        if self.columns.len() > self.stride * LANES { self.all::<I, 2>() } else { self.all::<I, 1>() }
    }
}

impl Turn<'_> {
    /// All rows of `G` vectors.
    #[inline(always)]
    fn all<I: Isa, const G: usize>(self) {
        for (square, panel) in self.rows.parts(LANES).zip(self.to.chunks_mut(LANES * G)) {
            for (g, columns) in self.columns.chunks(self.stride * LANES).enumerate() {
                let turned: [I::Vector; LANES] = turn_square(columns, self.stride, square);
                for (step, to) in panel.as_chunks_mut::<G>().0.iter_mut().enumerate() {
                    to[g] = Line::of(turned[step]);
                }
            }
        }
    }
}

/// Up to sixteen steps of a panel: a place in the first sixteen columns of `stride` numbers, or in fewer.
#[inline(always)]
pub(super) fn turn_square<V: Vector>(columns: &[f32], stride: usize, place: Place) -> [V; LANES] {
    let zeros = [[0.0; LANES]; LANES];
    let mut rows = zeros.each_ref();
    if place.width == LANES && columns.len() >= LANES * stride {
        for row in 0..LANES {
            rows[row] = columns[row * stride + place.column..].first_chunk().expect("sixteen columns");
        }
        return V::load_columns(rows);
    }
    let mut square = zeros;
    for (row, column) in square.iter_mut().zip(columns.chunks_exact(stride)) {
        let [vector]: [V; 1] = place.load(column);
        vector.store(row);
    }
    V::load_columns(square.each_ref())
}

/// Copies a place of rows of `stride` numbers, at most sixteen of each: columns of what is multiplied by its transpose.
#[inline(never)]
pub(super) fn gather(path: Running, numbers: &[f32], stride: usize, place: Place, to: &mut [Line]) {
    run_within(path, Gather { numbers, stride, place, to });
}

struct Gather<'a> {
    numbers: &'a [f32],
    stride: usize,
    place: Place,
    to: &'a mut [Line],
}

impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        for (from, to) in self.numbers.chunks_exact(self.stride).zip(self.to) {
            let [column]: [I::Vector; 1] = self.place.load(from);
            *to = Line::of(column);
        }
    }
}
