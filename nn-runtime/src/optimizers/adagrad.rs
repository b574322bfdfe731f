//! `adagrad(lr, eps)`: s ← s + g²; w ← w − lr·g / (√s + ε) (Duchi, Hazan & Singer 2011).

use super::Optimizer;
use crate::isa::{self, Isa, Kernel};
use crate::math::sqrt;

/// Adagrad. State: s.
#[derive(Clone, Copy, Debug)]
pub struct Adagrad {
    /// ε.
    pub eps: f32,
}

impl Optimizer<1> for Adagrad {
    #[inline]
    fn update(&self, learning_rate: f32, _: u64, weights: &mut [f32], gradients: &[f32], state: &mut [&mut [f32]; 1]) {
        let [squares] = state;
        isa::run(Update { rule: *self, learning_rate, weights, gradients, squares });
    }
}

struct Update<'a> {
    rule: Adagrad,
    learning_rate: f32,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    squares: &'a mut [f32],
}

impl Kernel for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let count = self.weights.len();
        assert!(count == self.gradients.len() && count == self.squares.len(), "one gradient and state for each weight");
        let Adagrad { eps } = self.rule;
        for ((w, g), s) in self.weights.iter_mut().zip(self.gradients).zip(self.squares) {
            *s = I::fma(*g, *g, *s);
            *w -= self.learning_rate * g / (sqrt(*s) + eps);
        }
    }
}
