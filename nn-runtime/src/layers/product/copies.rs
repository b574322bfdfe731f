//! What copies the operands of tiles together, compiled once as those are (`tile.rs`).

use super::place::{Line, Place};
use crate::isa::{Isa, Kernel, LANES, Running, Vector, run_within};

/// Writes a panel of a place in rows of `stride` numbers.
#[inline(always)]
pub(super) fn pack<I: Isa>(numbers: &[f32], stride: usize, place: Place, to: &mut [Line]) {
    pack_on(Running::on::<I>(), Pack { numbers, stride, place, to });
}

#[inline(never)]
fn pack_on(path: Running, pack: Pack<'_>) {
    run_within(path, pack);
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
#[inline(always)]
pub(super) fn turn<I: Isa>(columns: &[f32], stride: usize, rows: Place, to: &mut [Line]) {
    turn_on(Running::on::<I>(), Turn { columns, stride, rows, to });
}

#[inline(never)]
fn turn_on(path: Running, turn: Turn<'_>) {
    run_within(path, turn);
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
    /// All rows of `G` vectors. Squares of 16 by 16 are turned in registers.
    #[inline(always)]
    fn all<I: Isa, const G: usize>(self) {
        for (square, panel) in self.rows.parts(LANES).zip(self.to.chunks_mut(LANES * G)) {
            let mut turned = [[I::Vector::splat(0.0); LANES]; G];
            for (g, columns) in self.columns.chunks(self.stride * LANES).take(G).enumerate() {
                for (vector, column) in turned[g].iter_mut().zip(columns.chunks_exact(self.stride)) {
                    [*vector] = square.load(column);
                }
                turned[g] = I::Vector::transpose(turned[g]);
            }
            for (step, to) in panel.as_chunks_mut::<G>().0.iter_mut().enumerate() {
                for g in 0..G {
                    to[g] = Line::of(turned[g][step]);
                }
            }
        }
    }
}

/// Copies a place of rows of `stride` numbers, at most sixteen of each: columns of what is multiplied by its transpose.
#[inline(always)]
pub(super) fn gather<I: Isa>(numbers: &[f32], stride: usize, place: Place, to: &mut [Line]) {
    gather_on(Running::on::<I>(), Gather { numbers, stride, place, to });
}

#[inline(never)]
fn gather_on(path: Running, gather: Gather<'_>) {
    run_within(path, gather);
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
