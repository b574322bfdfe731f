//! The rows of an epoch, cut into steps.

use alloc::vec::Vec;
use core::ops::Range;

use crate::each::each;
use crate::examples::Examples;
use crate::init::{self, Generator};
use crate::row::Row;
use crate::row_weights::RowWeights;
use crate::trainable::Trainable;

/// The stream of random numbers that orders an epoch's rows; those of layers count from 0.
const ORDER: u64 = u64::MAX;

/// The stream of random numbers that changes an epoch's rows.
const AUGMENT: u64 = u64::MAX - 1;

/// Cuts the training rows into what a step takes: a batch, or as many as `accumulate` says. Memory
/// is taken once; none where the rows keep their order and their values.
pub(crate) struct Batches<N: Trainable> {
    /// Rows of an epoch.
    rows: usize,
    /// Rows of a step.
    size: usize,
    /// Steps of an epoch.
    pub(crate) count: usize,
    /// Row numbers in the epoch's order; empty where that is the rows' own.
    order: Vec<usize>,
    /// The seed of the epoch's augmentations.
    augment: u64,
    inputs: Vec<N::Input>,
    targets: Vec<N::Target>,
    weights: Vec<f32>,
}

impl<N: Trainable> Batches<N> {
    /// For these rows, which come in an order of their own each epoch where they are to be
    /// shuffled.
    pub(crate) fn new<W: RowWeights>(train: &Examples<'_, N::Input, N::Target, W>, shuffle: bool) -> Self {
        let all = train.inputs.len();
        let batch = N::BATCH.unwrap_or(all).min(all);
        let rows = all - N::rows_left_out(all);
        let size = (batch * N::ACCUMULATE).min(rows);
        let shuffled = shuffle && batch < all;
        Self {
            rows,
            size,
            count: rows.div_ceil(size),
            order: if shuffled { (0..all).collect() } else { Vec::new() },
            augment: 0,
            inputs: Vec::with_capacity(if shuffled || N::AUGMENTS { size } else { 0 }),
            targets: Vec::with_capacity(if shuffled { size } else { 0 }),
            weights: Vec::with_capacity(if shuffled && !W::NONE { size } else { 0 }),
        }
    }

    /// Draws the order of an epoch, which depends on the seed and the epoch alone.
    pub(crate) fn order(&mut self, seed: u64, epoch: u64) {
        for (row, place) in self.order.iter_mut().enumerate() {
            *place = row;
        }
        Generator::stream(seed, epoch, ORDER).shuffle(&mut self.order);
        self.augment = init::stream_seed(seed, epoch, AUGMENT);
    }

    /// The rows of a step.
    pub(crate) fn get<'a, W: RowWeights>(
        &'a mut self,
        train: &'a Examples<'a, N::Input, N::Target, W>,
        batch: usize,
    ) -> Examples<'a, N::Input, N::Target, W::Borrowed<'a>> {
        let start = batch * self.size;
        let range: Range<usize> = start..(start + self.size).min(self.rows);
        if self.order.is_empty() {
            let inputs = if const { N::AUGMENTS } {
                augment::<N>(self.augment, train.inputs, range.clone(), &mut self.inputs);
                &self.inputs
            } else {
                &train.inputs[range.clone()]
            };
            return Examples { inputs, targets: &train.targets[range.clone()], weights: train.weights.range(range) };
        }
        let order = &self.order[range];
        if const { N::AUGMENTS } {
            augment::<N>(self.augment, train.inputs, order.iter().copied(), &mut self.inputs);
        } else {
            take_rows(train.inputs, order, &mut self.inputs);
        }
        take_rows(train.targets, order, &mut self.targets);
        if let Some(weights) = train.weights.get() {
            self.weights.clear();
            self.weights.extend(order.iter().map(|&row| weights[row]));
        }
        Examples { inputs: &self.inputs, targets: &self.targets, weights: W::gathered(&self.weights) }
    }
}

/// Takes rows by their numbers. In a debug build this is a part of each step, so it is a plain loop,
/// after there are as many rows, whichever.
fn take_rows<R: Row>(rows: &[R], numbers: &[usize], taken: &mut Vec<R>) {
    taken.truncate(numbers.len());
    taken.extend_from_slice(&rows[taken.len()..numbers.len()]);
    let taken = taken.as_mut_slice();
    each!(numbers.len(), |place| {
        taken[place] = rows[numbers[place]];
    });
}

/// Takes rows, each changed by random numbers that depend on the seed, the epoch and the row alone.
fn augment<N: Trainable>(
    seed: u64,
    inputs: &[N::Input],
    rows: impl Iterator<Item = usize>,
    changed: &mut Vec<N::Input>,
) {
    changed.clear();
    changed.extend(rows.map(|row| {
        let mut input = inputs[row];
        N::augment(&mut input, &mut Generator::stream(seed, row as u64, 0));
        input
    }));
}
