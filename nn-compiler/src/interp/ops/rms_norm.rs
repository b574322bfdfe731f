//! RMS norm.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{spread, sum_of_features};
use crate::plan::ops::{RmsNorm, RmsNormGradient};

impl Interpret for RmsNorm {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let gamma = machine.tensor(self.gamma);
        let output = x * roots(x, gamma.len(), self.eps) * spread(gamma, x.ncols());
        machine.set(self.y, output);
    }
}

impl Interpret for RmsNormGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy, gamma) = (machine.get(self.x), machine.get(self.dy), machine.tensor(self.gamma));
        let channels = gamma.len();
        let inverse = roots(x, channels, self.eps);
        let normalized = x * &inverse;
        let g = dy * &spread(gamma, x.ncols());
        let along = mean_of_channels(&(&g * &normalized), channels);
        let dgamma = sum_of_features(&(dy * &normalized), channels);
        machine.set(self.dx, (g - normalized * along) * inverse);
        machine.add_gradient(self.dgamma, dgamma);
    }
}

/// 1/√(mean(x²) + ε) of its position, for each number.
fn roots(x: &Array2<f64>, channels: usize, eps: f64) -> Array2<f64> {
    mean_of_channels(&x.mapv(|x| x * x), channels).mapv(|mean| 1.0 / (mean + eps).sqrt())
}

/// The mean over the channels of its position, for each number.
fn mean_of_channels(x: &Array2<f64>, channels: usize) -> Array2<f64> {
    let positions = x.ncols() / channels;
    Array2::from_shape_fn(x.dim(), |(row, column)| {
        let sum: f64 = (0..channels).map(|channel| x[[row, channel * positions + column % positions]]).sum();
        sum / channels as f64
    })
}
