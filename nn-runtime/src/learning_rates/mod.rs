//! Learning rates of values: the optimizer's times a factor, `lr: trunk * 0.1;` in the spec.
//!
//! The factors are part of the optimizer's state, since they may change from step to step and a
//! checkpoint keeps them. A factor of 0 freezes: neither the parameters of the value nor what the
//! optimizer remembers of them change, and they do not count in `clip_norm`. So a value has a count
//! of its own of its steps, which corrects the means of Adam (as a parameter without a gradient has
//! in PyTorch): after it is unfrozen, its first step is as long as any first step.
//!
//! Networks whose spec does not name such values have an array of slots as their state, and nothing
//! of this.

mod value;

use core::ops::Range;

use crate::memory::Flat;
use crate::optimizers::Optimizer;

pub use value::Value;

/// What the spec says: which values have learning rates of their own, and where they are in memory.
#[derive(Clone, Copy, Debug)]
pub struct LearningRates {
    /// The values, in the order of the spec.
    pub values: &'static [Value],
    /// The memory of all parameters that learn, in parts.
    pub spans: &'static [Span],
}

impl LearningRates {
    /// All values have the optimizer's.
    pub const NONE: Self = Self { values: &[], spans: &[] };
}

/// A part of the memory of the parameters that learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it ends, in floats. It begins where the one before ends.
    pub end: usize,
    /// The value that it belongs to, an index of [`LearningRates::values`].
    pub value: Option<usize>,
}

// `plain!` implements an unsafe trait. Outside this crate the lint does not look into the macro.
#[allow(unsafe_code)]
mod plain {
    crate::plain! {
        /// The learning rate of a value.
        #[derive(Debug)]
        pub struct Own {
            /// What the optimizer's rate is multiplied by.
            pub factor: f32,
            /// The steps in which it was not 0.
            pub steps: u64,
        }
    }
}

pub use plain::Own;

/// The rules of the next step; `None` for a value that is frozen.
#[doc(hidden)]
#[inline(always)]
pub fn rules<O: Optimizer<S>, const S: usize, const N: usize>(
    own: &[Own; N],
    optimizer: &O,
    learning_rate: f32,
) -> [Option<O::Rule>; N] {
    own.each_ref().map(|own| {
        let rule = || optimizer.rule(learning_rate * own.factor, own.steps + 1);
        (own.factor != 0.0).then(rule)
    })
}

/// Counts a step of each value that is not frozen.
#[doc(hidden)]
#[inline(always)]
pub fn count(own: &mut [Own]) {
    for own in own.iter_mut().filter(|own| own.factor != 0.0) {
        own.steps += 1;
    }
}

/// The optimizer's step number `step`, counted from 1, of all parameters that learn, each by the
/// rate of its value.
#[doc(hidden)]
pub fn update<O: Optimizer<S>, const P: usize, const S: usize, const N: usize>(
    optimizer: &O,
    (learning_rate, step): (f32, u64),
    spans: &[Span],
    weights: &mut [f32],
    gradients: &[f32],
    (slots, own): &mut ([Flat<P>; S], [Own; N]),
) {
    for (range, value) in parts(spans) {
        let (rate, step) = match value.map(|value| &own[value]) {
            None => (learning_rate, step),
            Some(own) if own.factor == 0.0 => continue,
            Some(own) => (learning_rate * own.factor, own.steps + 1),
        };
        let mut slots = slots.each_mut().map(|slot| &mut slot.as_mut_slice()[range.clone()]);
        optimizer.update(rate, step, &mut weights[range.clone()], &gradients[range], &mut slots);
    }
    count(own);
}

/// Clears the gradients of values that are frozen, so that they do not count in the norm.
pub(crate) fn forget_frozen(rates: LearningRates, own: &[Own], gradients: &mut [f32]) {
    for (range, value) in parts(rates.spans) {
        if value.is_some_and(|value| own[value].factor == 0.0) {
            gradients[range].fill(0.0);
        }
    }
}

/// The rates before the first step.
pub(crate) fn restart(rates: LearningRates, own: &mut [Own]) {
    for (own, value) in own.iter_mut().zip(rates.values) {
        *own = Own { factor: value.factor, steps: 0 };
    }
}

fn parts(spans: &[Span]) -> impl Iterator<Item = (Range<usize>, Option<usize>)> {
    let starts = core::iter::once(0).chain(spans.iter().map(|span| span.end));
    spans.iter().zip(starts).map(|(span, start)| (start..span.end, span.value))
}
