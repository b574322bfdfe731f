//! Layer norm.

use ndarray::{Array2, Axis};

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::mean_of_row;
use crate::plan::ops::{LayerNorm, LayerNormGradient};

impl Interpret for LayerNorm {
    fn interpret(&self, machine: &mut Machine) {
        let (normalized, _) = normalize(machine.get(self.x), self.eps);
        let output = normalized * machine.row(self.gamma) + machine.row(self.beta);
        machine.set(self.y, output);
    }
}

impl Interpret for LayerNormGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (normalized, inverse) = normalize(machine.get(self.x), self.eps);
        let dy = machine.get(self.dy).clone();
        let g = &dy * &machine.row(self.gamma);
        let along = mean_of_row(&(&g * &normalized));
        machine.set(self.dx, (&g - &mean_of_row(&g) - &normalized * &along) * inverse);
        let shape = machine.tensor(self.gamma).dim();
        for (tensor, part) in [(self.dgamma, &dy * &normalized), (self.dbeta, dy)] {
            let sum = part.sum_axis(Axis(0)).into_shape_with_order(shape);
            machine.add_gradient(tensor, sum.expect("a row has as many numbers as the tensor"));
        }
    }
}

/// (x − μ)/√(σ² + ε) and 1/√(σ² + ε), row by row.
fn normalize(x: &Array2<f64>, eps: f64) -> (Array2<f64>, Array2<f64>) {
    let deviations = x - &mean_of_row(x);
    let inverse = mean_of_row(&deviations.mapv(|d| d * d)).mapv(|variance| 1.0 / (variance + eps).sqrt());
    (deviations * &inverse, inverse)
}
