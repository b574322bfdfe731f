//! `rmsprop(lr, rho, eps)`: s ← ρ·s + (1 − ρ)·g²; w ← w − lr·g / √(s + ε) (Tieleman & Hinton 2012,
//! with ε inside the root).

use super::{LEAST_SQUARE, Optimizer, UpdateRule};
use crate::isa::Vector;

/// RMSprop. State: s.
#[derive(Clone, Copy, Debug)]
pub struct RmsProp {
    /// ρ.
    pub rho: f32,
    /// ε.
    pub eps: f32,
}

impl Optimizer<1> for RmsProp {
    type Rule = Step;

    #[inline]
    fn rule(&self, learning_rate: f32, _: u64) -> Step {
        Step { settings: *self, learning_rate }
    }
}

/// A step of [`RmsProp`].
#[derive(Clone, Copy, Debug)]
pub struct Step {
    settings: RmsProp,
    learning_rate: f32,
}

impl UpdateRule<1> for Step {
    #[inline(always)]
    fn apply<V: Vector>(self, w: V, g: V, [s]: [V; 1]) -> (V, [V; 1]) {
        let RmsProp { rho, eps } = self.settings;
        let s = (V::splat(1.0 - rho) * g).mul_add(g, V::splat(rho) * s).max(V::splat(LEAST_SQUARE));
        (w - (V::splat(self.learning_rate) * g).quotient((s + V::splat(eps)).sqrt()), [s])
    }
}
