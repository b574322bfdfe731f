//! `adam(lr, beta1, beta2, eps)`, and the pass that it shares with [`AdamW`](super::AdamW) (Kingma
//! & Ba 2015).
//!
//! m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − lr·m̂ / (√v̂ + ε), with
//! m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) at step t.

use super::Optimizer;
use crate::isa::{self, Isa, Kernel};
use crate::math::sqrt;

/// Adam. State: m, v.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// β₁.
    pub beta1: f32,
    /// β₂.
    pub beta2: f32,
    /// ε.
    pub eps: f32,
}

impl Optimizer<2> for Adam {
    #[inline]
    fn update(
        &self,
        learning_rate: f32,
        step: u64,
        weights: &mut [f32],
        gradients: &[f32],
        state: &mut [&mut [f32]; 2],
    ) {
        self.update_decayed(1.0, learning_rate, step, weights, gradients, state);
    }
}

impl Adam {
    /// The step, after every weight is multiplied by `decay`.
    #[inline]
    pub(super) fn update_decayed(
        &self,
        decay: f32,
        learning_rate: f32,
        step: u64,
        weights: &mut [f32],
        gradients: &[f32],
        state: &mut [&mut [f32]; 2],
    ) {
        let correction1 = bias_correction(self.beta1, step);
        let correction2 = bias_correction(self.beta2, step);
        let [mean, variance] = state;
        isa::run(Update {
            rule: *self,
            decay,
            rate: (f64::from(learning_rate) / correction1) as f32,
            root: (1.0 / libm::sqrt(correction2)) as f32,
            weights,
            gradients,
            mean,
            variance,
        });
    }
}

/// 1 − βᵗ.
fn bias_correction(beta: f32, step: u64) -> f64 {
    1.0 - libm::pow(f64::from(beta), step as f64)
}

struct Update<'a> {
    rule: Adam,
    decay: f32,
    /// lr/(1 − β₁ᵗ).
    rate: f32,
    /// 1/√(1 − β₂ᵗ).
    root: f32,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    mean: &'a mut [f32],
    variance: &'a mut [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let count = self.weights.len();
        let equal = [self.gradients.len(), self.mean.len(), self.variance.len()] == [count; 3];
        assert!(equal, "one gradient and state for each weight");
        let Adam { beta1, beta2, eps } = self.rule;
        let numbers = self.weights.iter_mut().zip(self.gradients).zip(self.mean).zip(self.variance);
        for (((w, g), m), v) in numbers {
            *m = I::fma(1.0 - beta1, *g, beta1 * *m);
            *v = I::fma(1.0 - beta2, g * g, beta2 * *v);
            let step = self.rate * *m / I::fma(sqrt(*v), self.root, eps);
            *w = *w * self.decay - step;
        }
    }
}
