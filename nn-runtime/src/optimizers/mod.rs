//! The optimizers, one file each: what it does to weights in a step, which is applied in one
//! pass over the flat parameters, their gradients and the optimizer's state, or straight to a tile
//! of gradients in registers.
//!
//! The learning rate is an argument, since a schedule may change it from step to step.

// Numbers and their states are walked by one index.
#![allow(clippy::needless_range_loop)]

mod adagrad;
mod adam;
mod adamw;
mod rmsprop;
mod sgd;

pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamw::AdamW;
pub use rmsprop::RmsProp;
pub use sgd::{Sgd, SgdMomentum};

use crate::each::each;
use crate::isa::{self, Isa, Kernel, LANES, Vector};
use crate::threads::{self, Shared, Split, split_all};

/// What moves weights against their gradients, with `S` numbers of state for each weight, all 0
/// before the first step.
pub trait Optimizer<const S: usize> {
    /// A step of it.
    type Rule: UpdateRule<S>;

    /// The `step`-th step, counted from 1.
    fn rule(&self, learning_rate: f32, step: u64) -> Self::Rule;

    /// Takes the `step`-th step, counted from 1, with all weights; many of them are shared among
    /// threads.
    ///
    /// # Panics
    ///
    /// If the slices differ in length: a mistake in the code that calls it, never in data.
    #[inline]
    fn update(
        &self,
        learning_rate: f32,
        step: u64,
        weights: &mut [f32],
        gradients: &[f32],
        state: &mut [&mut [f32]; S],
    ) {
        let rule = self.rule(learning_rate, step);
        if weights.len() < threads::WEIGHTS {
            isa::run(Update { rule, weights, gradients, state });
        } else {
            threads::run(SharedUpdate { rule, weights, gradients, state: state.each_mut().map(|state| &mut **state) });
        }
    }
}

/// 2⁻¹²⁰: a mean of squares is at least that, far below any ε in use. What squares of tiny
/// gradients and long decay would come to are subnormal numbers, each of which costs some
/// processors a hundred cycles and more.
pub(crate) const LEAST_SQUARE: f32 = f32::from_bits((127 - 120) << 23);

/// A mean of gradients, or a velocity, to multiples of 2⁻¹⁰⁰, for the same reason: what is added
/// and taken away again leaves no smaller bits, and those alone.
#[inline(always)]
pub(crate) fn without_dust<V: Vector>(mean: V) -> V {
    let coarse = V::splat(1.5 * f32::from_bits((127 - 77) << 23));
    mean + coarse - coarse
}

/// A step of an optimizer, for sixteen weights: in the pass over all of them, or where the gradient
/// is computed ([`dense::WeightUpdate`](crate::layers::dense::WeightUpdate)).
pub trait UpdateRule<const S: usize>: Copy + Send {
    /// The weights and their state after the step. Implementations are `#[inline(always)]`.
    fn apply<V: Vector>(self, weights: V, gradients: V, state: [V; S]) -> (V, [V; S]);
}

/// The pass over weights whose gradients are stored.
pub struct Update<'a, 'b, R, const S: usize> {
    /// The step.
    pub rule: R,
    /// The weights, moved.
    pub weights: &'a mut [f32],
    /// As many gradients.
    pub gradients: &'a [f32],
    /// The optimizer's state, as many numbers each, moved.
    pub state: &'a mut [&'b mut [f32]; S],
}

impl<R: UpdateRule<S>, const S: usize> Kernel for Update<'_, '_, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { rule, weights, gradients, state } = self;
        let count = weights.len();
        assert_eq!(count, gradients.len(), "one gradient for each weight");
        for state in state.iter() {
            assert_eq!(count, state.len(), "the state of each weight");
        }
        for start in (0..count).step_by(LANES) {
            if count - start >= LANES {
                sixteen::<I, R, S>(rule, &mut weights[start..], &gradients[start..], state, start);
            } else {
                rest::<I, R, S>(rule, &mut weights[start..], &gradients[start..], state, start);
            }
        }
    }
}

/// [`Update`] of some weights, which may be cut.
struct SharedUpdate<'a, R, const S: usize> {
    rule: R,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    state: [&'a mut [f32]; S],
}

impl<R: UpdateRule<S>, const S: usize> Kernel for SharedUpdate<'_, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let Self { rule, weights, gradients, .. } = self;
        Update { rule, weights, gradients, state: &mut self.state }.run::<I>();
    }
}

impl<R: UpdateRule<S>, const S: usize> Shared for SharedUpdate<'_, R, S> {
    type Piece = Self;

    fn whole(self) -> Self {
        self
    }
}

impl<R: UpdateRule<S>, const S: usize> Split for SharedUpdate<'_, R, S> {
    const GRAIN: usize = LANES;

    fn size(&self) -> usize {
        self.weights.len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let ((weights, weights_rest), (gradients, gradients_rest)) =
            (self.weights.split_at_mut(index), self.gradients.split_at(index));
        let (state, state_rest) = split_all(self.state, index);
        let first = Self { rule: self.rule, weights, gradients, state };
        (first, Self { rule: self.rule, weights: weights_rest, gradients: gradients_rest, state: state_rest })
    }
}

/// The first sixteen weights.
#[inline(always)]
fn sixteen<I: Isa, R: UpdateRule<S>, const S: usize>(
    rule: R,
    weights: &mut [f32],
    gradients: &[f32],
    state: &mut [&mut [f32]; S],
    start: usize,
) {
    let weights = weights.first_chunk_mut().expect("sixteen weights");
    let gradients = gradients.first_chunk().expect("sixteen gradients");
    let mut numbers = [I::Vector::splat(0.0); S];
    each!(S, |s| {
        numbers[s] = I::Vector::load(state[s][start..].first_chunk().expect("the state of sixteen weights"));
    });
    let (moved, numbers) = rule.apply(I::Vector::load(weights), I::Vector::load(gradients), numbers);
    moved.store(weights);
    each!(S, |s| {
        numbers[s].store(state[s][start..].first_chunk_mut().expect("the state of sixteen weights"));
    });
}

/// The last weights, fewer than sixteen.
#[inline(always)]
fn rest<I: Isa, R: UpdateRule<S>, const S: usize>(
    rule: R,
    weights: &mut [f32],
    gradients: &[f32],
    state: &mut [&mut [f32]; S],
    start: usize,
) {
    let mut numbers = [I::Vector::splat(0.0); S];
    each!(S, |s| {
        numbers[s] = I::Vector::load_part(&state[s][start..]);
    });
    let (moved, numbers) = rule.apply(I::Vector::load_part(weights), I::Vector::load_part(gradients), numbers);
    moved.store_part(weights);
    each!(S, |s| {
        numbers[s].store_part(&mut state[s][start..]);
    });
}

#[cfg(test)]
mod tests;
