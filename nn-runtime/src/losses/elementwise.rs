//! What the losses share whose row is a sum over outputs of a function of output and target.

use crate::isa::{LANES, Vector};

/// The loss of one output.
pub(super) trait Elementwise: Copy {
    /// Its value.
    fn value<V: Vector>(self, output: V, target: V) -> V;

    /// Its derivative for the output.
    fn derivative<V: Vector>(self, output: V, target: V) -> V;
}

/// Vectors whose losses are added lane by lane, before they are added to the total in f64.
const ADDED: usize = 16;

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
    let (outputs, targets) = (outputs.as_flattened(), targets.as_flattened());
    let mut total = 0.0;
    for (outputs, targets) in outputs.chunks(ADDED * LANES).zip(targets.chunks(ADDED * LANES)) {
        total += added::<V, E>(loss, outputs, targets);
    }
    if let Some(gradient) = gradient {
        let gradient = gradient.as_flattened_mut();
        assert_eq!(outputs.len(), gradient.len(), "one gradient for each output");
        let scale = V::splat(scale * weight);
        let (outputs, outputs_rest) = outputs.as_chunks::<LANES>();
        let (targets, targets_rest) = targets.as_chunks::<LANES>();
        let (gradient, gradient_rest) = gradient.as_chunks_mut::<LANES>();
        for ((output, target), gradient) in outputs.iter().zip(targets).zip(gradient) {
            (scale * loss.derivative(V::load(output), V::load(target))).store(gradient);
        }
        if !gradient_rest.is_empty() {
            let (output, target) = (V::load_part(outputs_rest), V::load_part(targets_rest));
            (scale * loss.derivative(output, target)).store_part(gradient_rest);
        }
    }
    total * f64::from(weight)
}

/// Σ of the losses of at most [`ADDED`] vectors of outputs.
#[inline(always)]
fn added<V: Vector, E: Elementwise>(loss: E, outputs: &[f32], targets: &[f32]) -> f64 {
    let (outputs, outputs_rest) = outputs.as_chunks::<LANES>();
    let (targets, targets_rest) = targets.as_chunks::<LANES>();
    let mut lanes = V::splat(0.0);
    for (output, target) in outputs.iter().zip(targets) {
        lanes = lanes + loss.value(V::load(output), V::load(target));
    }
    let mut total = 0.0;
    if !outputs.is_empty() {
        for lane in lanes.to_array() {
            total += f64::from(lane);
        }
    }
    if !outputs_rest.is_empty() {
        let values = loss.value(V::load_part(outputs_rest), V::load_part(targets_rest)).to_array();
        for value in &values[..outputs_rest.len()] {
            total += f64::from(*value);
        }
    }
    total
}
