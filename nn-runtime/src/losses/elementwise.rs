//! What the losses share whose row is a sum over outputs of a function of output and target.

use crate::isa::Isa;

/// The loss of one output.
pub(super) trait Elementwise: Copy {
    /// Its value.
    fn value<I: Isa>(self, output: f32, target: f32) -> f64;

    /// Its derivative for the output.
    fn derivative<I: Isa>(self, output: f32, target: f32) -> f32;
}

/// Σ over rows and outputs of the loss times `weight`, and the gradient of `scale` times it.
#[inline(always)]
pub(super) fn total<I: Isa, E: Elementwise, const N: usize>(
    loss: E,
    outputs: &[[f32; N]],
    targets: &[[f32; N]],
    weight: f32,
    scale: f32,
    gradient: Option<&mut [[f32; N]]>,
) -> f64 {
    assert_eq!(outputs.len(), targets.len(), "one target for each row");
    let mut total = 0.0;
    for (output, target) in outputs.iter().zip(targets) {
        let mut row = 0.0;
        for n in 0..N {
            row += loss.value::<I>(output[n], target[n]);
        }
        total += row;
    }
    if let Some(gradient) = gradient {
        assert_eq!(outputs.len(), gradient.len(), "one gradient row for each row");
        let scale = scale * weight;
        let (outputs, targets) = (outputs.as_flattened(), targets.as_flattened());
        for ((output, target), gradient) in outputs.iter().zip(targets).zip(gradient.as_flattened_mut()) {
            *gradient = scale * loss.derivative::<I>(*output, *target);
        }
    }
    total * f64::from(weight)
}
