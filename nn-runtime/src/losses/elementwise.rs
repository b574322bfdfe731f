//! What the losses share whose row is a sum over outputs of a function of output and target.

use crate::isa::{LANES, Vector};

/// The loss of one output.
pub(super) trait Elementwise: Copy {
    /// Its value.
    fn value<V: Vector>(self, output: V, target: V) -> V;

    /// Its value, and its derivative for the output.
    fn value_and_derivative<V: Vector>(self, output: V, target: V) -> (V, V);
}

/// Numbers whose losses are added in the lanes of a vector, before those are added to the total in
/// f64.
const ADDED: usize = 16 * LANES;

/// Σ over rows and outputs of the loss times `weight`, and the gradient of `scale` times it.
#[inline(always)]
pub(super) fn total<V: Vector, E: Elementwise, const N: usize>(
    loss: E,
    outputs: &[[f32; N]],
    targets: &[[f32; N]],
    weight: f32,
    scale: f32,
    gradient: Option<&mut [[f32; N]]>,
) -> f64 {
    assert_eq!(outputs.len(), targets.len(), "one target for each row");
    let parts = outputs.as_flattened().chunks(ADDED).zip(targets.as_flattened().chunks(ADDED));
    let mut total = 0.0;
    if let Some(gradient) = gradient {
        assert_eq!(outputs.len(), gradient.len(), "one gradient for each output");
        let scale = V::splat(scale * weight);
        for ((outputs, targets), gradient) in parts.zip(gradient.as_flattened_mut().chunks_mut(ADDED)) {
            total += differentiated::<V, E>(loss, outputs, targets, scale, gradient);
        }
    } else {
        for (outputs, targets) in parts {
            total += added::<V, E>(loss, outputs, targets);
        }
    }
    total * f64::from(weight)
}

/// Σ of the losses of at most [`ADDED`] outputs.
#[inline(always)]
fn added<V: Vector, E: Elementwise>(loss: E, outputs: &[f32], targets: &[f32]) -> f64 {
    let (outputs, outputs_rest) = outputs.as_chunks();
    let (targets, targets_rest) = targets.as_chunks();
    let mut lanes = V::splat(0.0);
    for (output, target) in outputs.iter().zip(targets) {
        lanes = lanes + loss.value(V::load(output), V::load(target));
    }
    let mut total = 0.0;
    if !outputs.is_empty() {
        total = sum_of(lanes, LANES);
    }
    if !outputs_rest.is_empty() {
        let values = loss.value(V::load_few(outputs_rest), V::load_few(targets_rest));
        total += sum_of(values, outputs_rest.len());
    }
    total
}

/// The same, and their derivatives times `scale`.
#[inline(always)]
fn differentiated<V: Vector, E: Elementwise>(
    loss: E,
    outputs: &[f32],
    targets: &[f32],
    scale: V,
    gradient: &mut [f32],
) -> f64 {
    let (outputs, outputs_rest) = outputs.as_chunks();
    let (targets, targets_rest) = targets.as_chunks();
    let (gradient, gradient_rest) = gradient.as_chunks_mut();
    let mut lanes = V::splat(0.0);
    for ((output, target), gradient) in outputs.iter().zip(targets).zip(gradient) {
        let (values, derivatives) = loss.value_and_derivative(V::load(output), V::load(target));
        (scale * derivatives).store(gradient);
        lanes = lanes + values;
    }
    let mut total = 0.0;
    if !outputs.is_empty() {
        total = sum_of(lanes, LANES);
    }
    if !outputs_rest.is_empty() {
        let (output, target) = (V::load_few(outputs_rest), V::load_few(targets_rest));
        let (values, derivatives) = loss.value_and_derivative(output, target);
        (scale * derivatives).store_few(gradient_rest);
        total += sum_of(values, outputs_rest.len());
    }
    total
}

/// The sum of the first lanes in f64.
#[inline(always)]
fn sum_of<V: Vector>(values: V, lanes: usize) -> f64 {
    let mut sum = 0.0;
    for value in &values.to_array()[..lanes] {
        sum += f64::from(*value);
    }
    sum
}
