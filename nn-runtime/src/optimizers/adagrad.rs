//! `adagrad(lr, eps)`: s ← s + g²; w ← w − lr·g / (√s + ε) (Duchi, Hazan & Singer 2011).

use super::{LEAST_SQUARE, Optimizer, UpdateRule};
use crate::isa::Vector;

/// Adagrad. State: s.
#[derive(Clone, Copy, Debug)]
pub struct Adagrad {
    /// ε.
    pub eps: f32,
}

impl Optimizer<1> for Adagrad {
    type Rule = Step;

    #[inline]
    fn rule(&self, learning_rate: f32, _: u64) -> Step {
        Step { eps: self.eps, learning_rate }
    }
}

/// A step of [`Adagrad`].
#[derive(Clone, Copy, Debug)]
pub struct Step {
    eps: f32,
    learning_rate: f32,
}

impl UpdateRule<1> for Step {
    #[inline(always)]
    fn apply<V: Vector>(self, w: V, g: V, [s]: [V; 1]) -> (V, [V; 1]) {
        let s = g.mul_add(g, s).max(V::splat(LEAST_SQUARE));
        (w - (V::splat(self.learning_rate) * g).quotient(s.sqrt() + V::splat(self.eps)), [s])
    }
}
