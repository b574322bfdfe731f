//! The optimizers, one file each: what it does to one weight in a step, which is applied in one
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

use crate::isa::{self, Isa, Kernel};
use crate::math::CHUNK;

/// What moves weights against their gradients, with `S` numbers of state for each weight, all 0
/// before the first step.
pub trait Optimizer<const S: usize> {
    /// A step of it.
    type Rule: Rule<S>;

    /// The `step`-th step, counted from 1.
    fn rule(&self, learning_rate: f32, step: u64) -> Self::Rule;

    /// Takes the `step`-th step, counted from 1, with all weights.
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
        isa::run(Update { rule: self.rule(learning_rate, step), weights, gradients, state });
    }
}

/// A step of an optimizer, for one weight: in the pass over all of them, or where the gradient is
/// computed ([`dense::WeightUpdate`](crate::layers::dense::WeightUpdate)).
pub trait Rule<const S: usize>: Copy {
    /// The weight and its state after the step. Implementations are `#[inline(always)]`.
    fn apply<I: Isa>(self, weight: f32, gradient: f32, state: [f32; S]) -> (f32, [f32; S]);
}

/// Applies the rule to a vector of weights.
#[inline(always)]
pub(crate) fn apply<I: Isa, R: Rule<S>, const S: usize, const L: usize>(
    rule: R,
    weights: &mut [f32; L],
    gradients: &[f32; L],
    state: &mut [[f32; L]; S],
) {
    for l in 0..L {
        let mut numbers = [0.0; S];
        for s in 0..S {
            numbers[s] = state[s][l];
        }
        (weights[l], numbers) = rule.apply::<I>(weights[l], gradients[l], numbers);
        for s in 0..S {
            state[s][l] = numbers[s];
        }
    }
}

/// The pass over all weights.
pub(crate) struct Update<'a, 'b, R, const S: usize> {
    pub rule: R,
    pub weights: &'a mut [f32],
    pub gradients: &'a [f32],
    pub state: &'a mut [&'b mut [f32]; S],
}

impl<R: Rule<S>, const S: usize> Kernel for Update<'_, '_, R, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let Self { rule, weights, gradients, state } = self;
        let count = weights.len();
        assert_eq!(count, gradients.len(), "one gradient for each weight");
        for state in state.iter() {
            assert_eq!(count, state.len(), "the state of each weight");
        }
        let whole = count - count % CHUNK;
        for start in (0..whole).step_by(CHUNK) {
            let mut numbers = [[0.0; CHUNK]; S];
            for s in 0..S {
                numbers[s].copy_from_slice(&state[s][start..][..CHUNK]);
            }
            let weights = weights[start..].first_chunk_mut().expect("a chunk");
            let gradients = gradients[start..].first_chunk().expect("a chunk");
            apply::<I, R, S, CHUNK>(rule, weights, gradients, &mut numbers);
            for s in 0..S {
                state[s][start..][..CHUNK].copy_from_slice(&numbers[s]);
            }
        }
        let rest = count - whole;
        if rest > 0 {
            let (mut last, mut last_gradients) = ([0.0; CHUNK], [0.0; CHUNK]);
            let mut numbers = [[0.0; CHUNK]; S];
            last[..rest].copy_from_slice(&weights[whole..]);
            last_gradients[..rest].copy_from_slice(&gradients[whole..]);
            for s in 0..S {
                numbers[s][..rest].copy_from_slice(&state[s][whole..]);
            }
            apply::<I, R, S, CHUNK>(rule, &mut last, &last_gradients, &mut numbers);
            weights[whole..].copy_from_slice(&last[..rest]);
            for s in 0..S {
                state[s][whole..].copy_from_slice(&numbers[s][..rest]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
