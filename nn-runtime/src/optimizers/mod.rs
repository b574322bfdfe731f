//! The optimizers, one file each: one pass over the flat parameters, their gradients and the
//! optimizer's state.
//!
//! The learning rate is an argument, since a schedule may change it from step to step.

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

/// A rule that moves weights against their gradients, with `S` numbers of state for each weight,
/// all 0 before the first step.
pub trait Optimizer<const S: usize> {
    /// One step, the `step`-th, counted from 1.
    ///
    /// # Panics
    ///
    /// If the slices differ in length: a mistake in the code that calls it, never in data.
    fn update(
        &self,
        learning_rate: f32,
        step: u64,
        weights: &mut [f32],
        gradients: &[f32],
        state: &mut [&mut [f32]; S],
    );
}

#[cfg(test)]
mod tests;
