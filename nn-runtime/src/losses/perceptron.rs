//! `perceptron`: the mean over outputs of |y − t|: for outputs of 0 and 1, the share of wrong ones.
//!
//! Gradient: y − t, not divided by N, handed to the sum before the step as if the step were not
//! there: that is the rule of Rosenblatt 1958, w ← w + lr·(t − y)·x.
//!
//! Plain SGD with a batch of 1 does the rest, so the rule needs no code of its own in the trainer.

use crate::isa::{Isa, Kernel};
use crate::metrics::mean_absolute_error;

/// The share of wrong outputs, with the gradient y − t.
pub struct Perceptron<'a, const N: usize> {
    /// The output rows.
    pub y: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for Perceptron<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        if let Some(gradient) = self.gradient {
            assert!(self.y.len() == self.targets.len() && self.y.len() == gradient.len(), "equally many rows");
            let (y, targets) = (self.y.as_flattened(), self.targets.as_flattened());
            for ((y, target), gradient) in y.iter().zip(targets).zip(gradient.as_flattened_mut()) {
                *gradient = self.scale * (y - target);
            }
        }
        mean_absolute_error(self.y, self.targets)
    }
}
