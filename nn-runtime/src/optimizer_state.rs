//! What an optimizer remembers.

use crate::learning_rates::Own;
use crate::memory::{Flat, Zeroed};

/// The slots of an optimizer's state, each as long as the parameters that learn: `[Flat<P>; S]`; a
/// pair of them and `[Own; N]` where N values have [learning rates of their
/// own](crate::learning_rates).
pub trait OptimizerState: Zeroed {
    /// The slots.
    fn slots(&self) -> impl Iterator<Item = &[f32]>;

    /// The slots.
    fn slots_mut(&mut self) -> impl Iterator<Item = &mut [f32]>;

    /// The learning rates of values, in the order of `Trainable::LEARNING_RATES`.
    fn own_rates(&self) -> &[Own] {
        &[]
    }

    /// The learning rates of values.
    fn own_rates_mut(&mut self) -> &mut [Own] {
        &mut []
    }
}

impl<const P: usize, const S: usize> OptimizerState for [Flat<P>; S] {
    fn slots(&self) -> impl Iterator<Item = &[f32]> {
        self.iter().map(Flat::as_slice)
    }

    fn slots_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.iter_mut().map(Flat::as_mut_slice)
    }
}

/// The slots, and the learning rates of values.
impl<const P: usize, const S: usize, const N: usize> OptimizerState for ([Flat<P>; S], [Own; N]) {
    fn slots(&self) -> impl Iterator<Item = &[f32]> {
        self.0.slots()
    }

    fn slots_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.0.slots_mut()
    }

    fn own_rates(&self) -> &[Own] {
        &self.1
    }

    fn own_rates_mut(&mut self) -> &mut [Own] {
        &mut self.1
    }
}
