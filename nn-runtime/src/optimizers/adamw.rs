//! `adamw(lr, beta1, beta2, eps, weight_decay)`: Adam, with w ← w − lr·λ·w apart from the gradient
//! (Loshchilov & Hutter 2019).

use super::{Adam, Optimizer, adam};

/// AdamW. State: m, v, as in [`Adam`].
#[derive(Clone, Copy, Debug)]
pub struct AdamW {
    /// β₁.
    pub beta1: f32,
    /// β₂.
    pub beta2: f32,
    /// ε.
    pub eps: f32,
    /// λ.
    pub weight_decay: f32,
}

impl Optimizer<2> for AdamW {
    type Rule = adam::Step;

    #[inline]
    fn rule(&self, learning_rate: f32, step: u64) -> adam::Step {
        let AdamW { beta1, beta2, eps, weight_decay } = *self;
        let decay = 1.0 - learning_rate * weight_decay;
        Adam { beta1, beta2, eps }.decayed(decay, learning_rate, step)
    }
}
