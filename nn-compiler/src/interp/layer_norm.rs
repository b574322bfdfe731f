//! Layer norm, forward and backward.

use ndarray::{Array2, Axis};

use super::Machine;
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn layer_norm(&mut self, op: &Op) {
        match op {
            Op::LayerNorm { x, gamma, beta, eps, y } => {
                let (normalized, _) = normalize(self.get(*x), *eps);
                let output = normalized * self.row(*gamma) + self.row(*beta);
                self.set(*y, output);
            }
            Op::LayerNormGradient { x, gamma, beta, eps, dy, dx } => {
                let (normalized, inverse) = normalize(self.get(*x), *eps);
                let dy = self.get(*dy).clone();
                let g = &dy * &self.row(*gamma);
                let along = mean_of_row(&(&g * &normalized));
                self.set(*dx, (&g - &mean_of_row(&g) - &normalized * &along) * inverse);
                let shape = self.tensor(*gamma).dim();
                for (tensor, part) in [(gamma, &dy * &normalized), (beta, dy)] {
                    let sum = part.sum_axis(Axis(0)).into_shape_with_order(shape);
                    self.add_gradient(*tensor, sum.expect("a row has as many numbers as the tensor"));
                }
            }
            _ => unreachable!("`step` hands only layer norms over"),
        }
    }

    /// The numbers of a tensor as one row.
    fn row(&self, tensor: crate::plan::TensorId) -> Array2<f64> {
        let numbers = self.tensor(tensor);
        numbers.to_shape((1, numbers.len())).expect("as many numbers").to_owned()
    }
}

/// (x − μ)/√(σ² + ε) and 1/√(σ² + ε), row by row.
fn normalize(x: &Array2<f64>, eps: f64) -> (Array2<f64>, Array2<f64>) {
    let deviations = x - &mean_of_row(x);
    let inverse = mean_of_row(&deviations.mapv(|d| d * d)).mapv(|variance| 1.0 / (variance + eps).sqrt());
    (deviations * &inverse, inverse)
}

/// The mean of each row, as one column; summed in order, however the row lies in memory.
fn mean_of_row(x: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((x.nrows(), 1), |(row, _)| x.row(row).iter().sum::<f64>() / x.ncols() as f64)
}
