//! `l1` and `l2`: λ₁·Σ|w| + λ₂·Σw² over the weights of a layer.
//!
//! Gradient: λ₁·sign(w) + 2·λ₂·w, with sign(0) = 0.

use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::sign;

/// λ₁·Σ|w| + λ₂·Σw².
pub struct Penalty<'a> {
    /// The weights.
    pub weights: &'a [f32],
    /// λ₁.
    pub l1: f32,
    /// λ₂.
    pub l2: f32,
    /// The gradient of the weights, added to.
    pub gradient: Option<&'a mut [f32]>,
}

impl Kernel for Penalty<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        if let Some(gradient) = self.gradient {
            assert_eq!(self.weights.len(), gradient.len(), "one gradient for each weight");
            for (weight, gradient) in self.weights.iter().zip(gradient) {
                *gradient += self.l1 * sign(*weight) + 2.0 * self.l2 * weight;
            }
        }
        let mut penalty = 0.0;
        for weights in self.weights.chunks(ADDED * LANES) {
            penalty += added::<I::Vector>(weights, self.l1, self.l2);
        }
        penalty
    }
}

/// Vectors whose penalties are added lane by lane, before they are added to the total in f64.
const ADDED: usize = 32;

/// λ₁·Σ|w| + λ₂·Σw² of at most [`ADDED`] vectors.
#[inline(always)]
fn added<V: Vector>(weights: &[f32], l1: f32, l2: f32) -> f64 {
    let (whole, rest) = weights.as_chunks::<LANES>();
    let rest = V::load_part(rest);
    let (mut absolute, mut squares) = (rest.abs(), rest * rest);
    for weights in whole {
        let weights = V::load(weights);
        absolute = absolute + weights.abs();
        squares = weights.mul_add(weights, squares);
    }
    f64::from(l1) * f64::from(absolute.sum()) + f64::from(l2) * f64::from(squares.sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Path, run_on};

    #[test]
    fn the_penalty_and_its_gradient() {
        let weights: [f32; 35] = core::array::from_fn(|i| (i as f32 - 17.0) / 4.0);
        for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
            let mut gradient = [1.0; 35];
            let penalty = Penalty { weights: &weights, l1: 0.5, l2: 0.25, gradient: Some(&mut gradient) };
            // Σ|i| = 306 and Σi² = 3570 for i from −17 to 17.
            assert_eq!(run_on(path, penalty), 0.5 * 306.0 / 4.0 + 0.25 * 3570.0 / 16.0);
            assert_eq!(gradient[0], 1.0 - 0.5 - 0.5 * 4.25);
            assert_eq!(gradient[17], 1.0);
            assert_eq!(gradient[34], 1.0 + 0.5 + 0.5 * 4.25);
        }
    }
}
