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
            let mut turned = [[I::Vector::splat(0.0); LANES]; G];
            for (turned, columns) in turned.iter_mut().zip(self.columns.chunks(self.stride * LANES)) {
                *turned = turn_square(columns.chunks_exact(self.stride), square);
            }
            for (step, to) in panel.as_chunks_mut::<G>().0.iter_mut().enumerate() {
                for g in 0..G {
                    to[g] = Line::of(turned[g][step]);
                }
            }
        }
    }
}

/// Up to sixteen steps of a panel: a place in sixteen columns or fewer, turned in registers.
#[inline(always)]
pub(super) fn turn_square<'a, V: Vector>(columns: impl Iterator<Item = &'a [f32]>, place: Place) -> [V; LANES] {
    let mut square = [V::splat(0.0); LANES];
    for (vector, column) in square.iter_mut().zip(columns) {
        [*vector] = place.load(column);
    }
    V::transpose(square)
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
