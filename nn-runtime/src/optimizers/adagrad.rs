//! `adagrad(lr, eps)`: s ← s + g²; w ← w − lr·g / (√s + ε) (Duchi, Hazan & Singer 2011).

use super::{Optimizer, Rule};
use crate::isa::Isa;
use crate::math::sqrt;

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

impl Rule<1> for Step {
    #[inline(always)]
    fn apply<I: Isa>(self, w: f32, g: f32, [s]: [f32; 1]) -> (f32, [f32; 1]) {
        let s = I::fma(g, g, s);
        (w - self.learning_rate * g / (sqrt(s) + self.eps), [s])
    }
}
