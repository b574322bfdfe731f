//! `sgd(lr, momentum, nesterov, weight_decay)`.
//!
//! With g ← g + λ·w first (coupled weight decay, biases included): w ← w − lr·g; with momentum, v ←
//! μ·v − lr·g and w ← w + v; with Nesterov's, w ← w + μ·v − lr·g with the new v (Sutskever et al.
//! 2013).

use super::{Optimizer, UpdateRule, without_dust};
use crate::isa::Vector;

/// Gradient descent without momentum: no state.
#[derive(Clone, Copy, Debug)]
pub struct Sgd {
    /// λ.
    pub weight_decay: f32,
}

impl Optimizer<0> for Sgd {
    type Rule = Step<Self>;

    #[inline]
    fn rule(&self, learning_rate: f32, _: u64) -> Step<Self> {
        Step { settings: *self, learning_rate }
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
    type Rule = Step<Self>;

    #[inline]
    fn rule(&self, learning_rate: f32, _: u64) -> Step<Self> {
        Step { settings: *self, learning_rate }
    }
}

/// A step of [`Sgd`] or [`SgdMomentum`].
#[derive(Clone, Copy, Debug)]
pub struct Step<T> {
    settings: T,
    learning_rate: f32,
}

impl UpdateRule<0> for Step<Sgd> {
    #[inline(always)]
    fn apply<V: Vector>(self, w: V, g: V, []: [V; 0]) -> (V, [V; 0]) {
        let g = V::splat(self.settings.weight_decay).mul_add(w, g);
        (w - V::splat(self.learning_rate) * g, [])
    }
}

impl UpdateRule<1> for Step<SgdMomentum> {
    #[inline(always)]
    fn apply<V: Vector>(self, w: V, g: V, [v]: [V; 1]) -> (V, [V; 1]) {
        let SgdMomentum { momentum, nesterov, weight_decay } = self.settings;
        let g = V::splat(weight_decay).mul_add(w, g);
        let v = without_dust(V::splat(momentum).mul_add(v, V::splat(-self.learning_rate) * g));
        let step = if nesterov { V::splat(momentum).mul_add(v, V::splat(-self.learning_rate) * g) } else { v };
        (w + step, [v])
    }
}
