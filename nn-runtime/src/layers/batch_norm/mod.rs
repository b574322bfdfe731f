//! `batch_norm(momentum, eps)`: y = γ·x̂ + β with x̂ = (x − mean)/√(variance + ε), per feature
//! (Ioffe & Szegedy 2015).
//!
//! Training takes mean and variance from the batch (the biased variance), and moves the running
//! ones towards them: running ← (1 − m)·running + m·batch, with the unbiased variance. Evaluation
//! takes the running ones.
//!
//! Backward, with r = 1/√(variance + ε) and n numbers of a feature: dγ += Σ dy·x̂, dβ += Σ dy,
//! dx = γ·r·(dy − (Σ dy + x̂·Σ dy·x̂)/n).
//!
//! A row of `N` numbers has `C` features, with `N / C` numbers each that lie together: one, or the
//! positions of a channel of an image.
//!
//! The two cases have kernels of their own: `features.rs` walks along the features, `channels.rs`
//! along the positions.

mod channels;
mod features;
mod operands;

pub use operands::{Backward, Evaluate, EvaluateBackward, Train};

use crate::isa::{Isa, Kernel};

impl<const N: usize, const C: usize> Kernel for Train<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        if N == C { features::train::<I, N, C>(self) } else { channels::train::<I, N, C>(self) }
    }
}

impl<const N: usize, const C: usize> Kernel for Evaluate<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        if N == C { features::evaluate::<I, N, C>(self) } else { channels::evaluate::<I, N, C>(self) }
    }
}

impl<const N: usize, const C: usize> Kernel for Backward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        if N == C { features::backward::<I, N, C>(self) } else { channels::backward::<I, N, C>(self) }
    }
}

impl<const N: usize, const C: usize> Kernel for EvaluateBackward<'_, N, C> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        const { assert!(N.is_multiple_of(C), "features of equal size") };
        assert!(self.x.len() == self.dy.len() && self.x.len() == self.dx.len(), "equally many rows");
        if N == C { features::evaluate_backward::<I, N, C>(self) } else { channels::evaluate_backward::<I, N, C>(self) }
    }
}

#[cfg(test)]
mod tests;
