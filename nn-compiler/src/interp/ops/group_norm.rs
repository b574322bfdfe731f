//! Group norm.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{spread, sum_of_features};
use crate::plan::ops::{GroupNorm, GroupNormGradient};

impl Interpret for GroupNorm {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let (normalized, _) = normalize(x, self.groups, self.eps);
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        machine.set(self.y, normalized * spread(machine.tensor(self.gamma)) + spread(machine.tensor(self.beta)));
    }
}

impl Interpret for GroupNormGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy, gamma) = (machine.get(self.x), machine.get(self.dy), machine.tensor(self.gamma));
        let (normalized, inverse) = normalize(x, self.groups, self.eps);
        let g = dy * &spread(gamma, x.ncols());
        let along = mean_of_group(&(&g * &normalized), self.groups);
        let dgamma = sum_of_features(&(dy * &normalized), gamma.len());
        let dbeta = sum_of_features(dy, gamma.len());
        machine.set(self.dx, (&g - &mean_of_group(&g, self.groups) - normalized * along) * inverse);
        machine.add_gradient(self.dgamma, dgamma);
        machine.add_gradient(self.dbeta, dbeta);
    }
}

/// (x − μ)/√(σ² + ε) and 1/√(σ² + ε), group by group.
fn normalize(x: &Array2<f64>, groups: usize, eps: f64) -> (Array2<f64>, Array2<f64>) {
    let deviations = x - &mean_of_group(x, groups);
    let variance = mean_of_group(&deviations.mapv(|d| d * d), groups);
    let inverse = variance.mapv(|variance| 1.0 / (variance + eps).sqrt());
    (deviations * &inverse, inverse)
}

/// The mean of its group, for each number.
fn mean_of_group(x: &Array2<f64>, groups: usize) -> Array2<f64> {
    let length = x.ncols() / groups;
    Array2::from_shape_fn(x.dim(), |(row, column)| {
        let start = column / length * length;
        (start..start + length).map(|column| x[[row, column]]).sum::<f64>() / length as f64
    })
}
