//! `adam(lr, beta1, beta2, eps)`, and the pass that it shares with [`AdamW`](super::AdamW) (Kingma
//! & Ba 2015).
//!
//! m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − lr·m̂ / (√v̂ + ε), with
//! m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) at step t.

use super::{LEAST_SQUARE, Optimizer, UpdateRule, without_dust};
use crate::each::each;
use crate::isa::Vector;

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
    type Rule = Step;

    #[inline]
    fn rule(&self, learning_rate: f32, step: u64) -> Step {
        self.decayed(1.0, learning_rate, step)
    }
}

impl Adam {
    /// The step, after every weight is multiplied by `decay`.
    #[inline]
    pub(super) fn decayed(&self, decay: f32, learning_rate: f32, step: u64) -> Step {
        let [power1, power2] = powers([self.beta1, self.beta2], step);
        let (correction1, correction2) = (1.0 - power1, 1.0 - power2);
        Step {
            settings: *self,
            decay,
            rate: (f64::from(learning_rate) / correction1) as f32,
            root: (1.0 / root(correction2)) as f32,
        }
    }
}

/// β₁ᵗ and β₂ᵗ, by squaring: some twenty multiplications, where `pow` costs as much as the whole
/// step of a tiny network.
#[inline]
fn powers(betas: [f32; 2], step: u64) -> [f64; 2] {
    let (mut powers, mut squares, mut rest) = ([1.0; 2], betas.map(f64::from), step);
    while rest > 0 {
        each!(2, |beta| {
            powers[beta] *= if rest % 2 == 1 { squares[beta] } else { 1.0 };
            // What is too small to be seen beside 1 counts as 0: numbers near the smallest one are
            // slow.
            squares[beta] = if squares[beta] > 1e-10 { squares[beta] * squares[beta] } else { 0.0 };
        });
        rest /= 2;
    }
    powers
}

/// √x. (That of `libm` is an instruction for SSE alone, which waits hundreds of cycles where AVX is
/// in use.)
#[inline]
fn root(x: f64) -> f64 {
    #[cfg(feature = "std")]
    return x.sqrt();
    #[cfg(not(feature = "std"))]
    return libm::sqrt(x);
}

/// A step of [`Adam`] or [`AdamW`](super::AdamW).
#[derive(Clone, Copy, Debug)]
pub struct Step {
    settings: Adam,
    decay: f32,
    /// lr/(1 − β₁ᵗ).
    rate: f32,
    /// 1/√(1 − β₂ᵗ).
    root: f32,
}

impl UpdateRule<2> for Step {
    #[inline(always)]
    fn apply<V: Vector>(self, w: V, g: V, [m, v]: [V; 2]) -> (V, [V; 2]) {
        let Adam { beta1, beta2, eps } = self.settings;
        let m = without_dust(V::splat(1.0 - beta1).mul_add(g, V::splat(beta1) * m));
        let v = (V::splat(1.0 - beta2) * g).mul_add(g, V::splat(beta2) * v).max(V::splat(LEAST_SQUARE));
        let step = (V::splat(self.rate) * m).quotient(v.sqrt().mul_add(V::splat(self.root), V::splat(eps)));
        (w * V::splat(self.decay) - step, [m, v])
    }
}
