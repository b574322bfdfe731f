//! `sgd(lr, momentum, nesterov, weight_decay)`.
//!
//! With g ← g + λ·w first (coupled weight decay, biases included): w ← w − lr·g; with momentum, v ←
//! μ·v − lr·g and w ← w + v; with Nesterov's, w ← w + μ·v − lr·g with the new v (Sutskever et al.
//! 2013).

use super::Optimizer;
use crate::isa::{self, Isa, Kernel};

/// Gradient descent without momentum: no state.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// λ.
    pub weight_decay: f32,
}

impl Optimizer<0> for Sgd {
    #[inline]
    fn update(&self, learning_rate: f32, _: u64, weights: &mut [f32], gradients: &[f32], _: &mut [&mut [f32]; 0]) {
        isa::run(Plain { rule: *self, learning_rate, weights, gradients });
    }
}

struct Plain<'a> {
    rule: Sgd,
    learning_rate: f32,
    weights: &'a mut [f32],
    gradients: &'a [f32],
}

impl Kernel for Plain<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.weights.len(), self.gradients.len(), "one gradient for each weight");
        for (w, g) in self.weights.iter_mut().zip(self.gradients) {
            let g = I::fma(self.rule.weight_decay, *w, *g);
            *w -= self.learning_rate * g;
        }
    }
}

/// Gradient descent with momentum. State: v.
#[derive(Clone, Copy, Debug)]
pub struct SgdMomentum {
    /// μ.
    pub momentum: f32,
    /// Whether the step looks ahead along v.
    pub nesterov: bool,
    /// λ.
    pub weight_decay: f32,
}

impl Optimizer<1> for SgdMomentum {
    #[inline]
    fn update(&self, learning_rate: f32, _: u64, weights: &mut [f32], gradients: &[f32], state: &mut [&mut [f32]; 1]) {
        let [velocity] = state;
        isa::run(Heavy { rule: *self, learning_rate, weights, gradients, velocity });
    }
}

struct Heavy<'a> {
    rule: SgdMomentum,
    learning_rate: f32,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    velocity: &'a mut [f32],
}

impl Kernel for Heavy<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let count = self.weights.len();
        assert!(
            count == self.gradients.len() && count == self.velocity.len(),
            "one gradient and state for each weight"
        );
        let SgdMomentum { momentum, nesterov, weight_decay } = self.rule;
        for ((w, g), v) in self.weights.iter_mut().zip(self.gradients).zip(self.velocity) {
            let g = I::fma(weight_decay, *w, *g);
            *v = I::fma(momentum, *v, -self.learning_rate * g);
            let step = if nesterov { I::fma(momentum, *v, -self.learning_rate * g) } else { *v };
            *w += step;
        }
    }
}
