//! Penalties on weights.

use ndarray::Array2;

use super::numbers::sign;
use super::state::State;
use crate::plan::{Tensor, Tensors};

/// λ₁·Σ|w| + λ₂·Σw² over all tensors; adds λ₁·sign(w) + 2λ₂·w to `gradients` where they are given.
pub fn penalty(tensors: &Tensors, state: &State, mut gradients: Option<&mut [Array2<f64>]>) -> f64 {
    let mut penalty = 0.0;
    for (index, tensor) in tensors.all.iter().enumerate() {
        let weights = &state.tensors[index];
        penalty += weights.iter().map(|w| tensor.l1 * w.abs() + tensor.l2 * w * w).sum::<f64>();
        if let Some(gradients) = &mut gradients {
            add_penalty(tensor, weights, &mut gradients[index]);
        }
    }
    penalty
}

/// gradient += λ₁·sign(w) + 2λ₂·w, for one tensor
pub fn add_penalty(tensor: &Tensor, weights: &Array2<f64>, gradient: &mut Array2<f64>) {
    gradient.zip_mut_with(weights, |gradient, w| *gradient += tensor.l1 * sign(*w) + 2.0 * tensor.l2 * w);
}
