//! Backward operations.

use ndarray::{Array2, Axis};

use super::{Machine, activation};
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn gradient(&mut self, op: &Op) {
        match op {
            Op::DenseWeightGradient { x, dy, weight } => {
                self.add_gradient(*weight, self.get(*x).t().dot(self.get(*dy)));
            }
            Op::DenseBiasGradient { dy, bias } => self.add_gradient(*bias, sum_of(self.get(*dy))),
            Op::DenseInputGradient { dy, weight, derivative, dx } => {
                let gradient = self.get(*dy).dot(&self.tensor(*weight).t());
                let gradient = match derivative {
                    Some((activation, saved)) => {
                        gradient * self.get(*saved).mapv(|saved| activation::derivative(*activation, saved))
                    }
                    None => gradient,
                };
                self.set(*dx, gradient);
            }
            Op::ConvWeightGradient { .. } | Op::ConvBiasGradient { .. } | Op::ConvInputGradient { .. } => {
                self.conv_gradient(op);
            }
            Op::ActivateGradient { activation, saved, dy, dx } => {
                let slopes = self.get(*saved).mapv(|saved| activation::derivative(*activation, saved));
                self.set(*dx, slopes * self.get(*dy));
            }
            Op::PreluGradient { x, slope, dy, dx } => {
                let (x, dy) = (self.get(*x), self.get(*dy));
                let positive = x.mapv(|x| if x > 0.0 { 1.0 } else { 0.0 });
                let below = 1.0 - &positive;
                let parts = sum_of(&(dy * x * &below));
                let shared = self.tensor(*slope).len() == 1;
                let gradient = dy * (&positive + &below * self.tensor(*slope));
                self.add_gradient(*slope, if shared { Array2::from_elem((1, 1), parts.sum()) } else { parts });
                self.set(*dx, gradient);
            }
            Op::SoftmaxGradient { y, dy, dx } => {
                let (y, dy) = (self.get(*y), self.get(*dy));
                let inner = (y * dy).sum_axis(Axis(1)).insert_axis(Axis(1));
                self.set(*dx, y * (dy - &inner));
            }
            Op::LogSoftmaxGradient { y, dy, dx } => {
                let (y, dy) = (self.get(*y), self.get(*dy));
                let sum = dy.sum_axis(Axis(1)).insert_axis(Axis(1));
                self.set(*dx, dy - &(y.exp() * sum));
            }
            Op::BatchNormGradient { x, gamma, beta, mean, inverse_deviation, dy, dx } => {
                let (dy, inverse) = (self.get(*dy).clone(), self.get(*inverse_deviation).clone());
                let normalized = (self.get(*x) - self.get(*mean)) * &inverse;
                let (sum, along) = (sum_of(&dy), sum_of(&(&dy * &normalized)));
                let rows = self.rows as f64;
                let centred = &dy - &(&sum / rows) - normalized * (&along / rows);
                self.set(*dx, centred * self.tensor(*gamma) * inverse);
                self.add_gradient(*gamma, along);
                self.add_gradient(*beta, sum);
            }
            Op::BatchNormEvaluateGradient { x, gamma, beta, running_mean, running_variance, eps, dy, dx } => {
                let dy = self.get(*dy).clone();
                let inverse = self.tensor(*running_variance).mapv(|variance| 1.0 / (variance + eps).sqrt());
                let normalized = (self.get(*x) - self.tensor(*running_mean)) * &inverse;
                self.set(*dx, &dy * self.tensor(*gamma) * inverse);
                self.add_gradient(*gamma, sum_of(&(&dy * &normalized)));
                self.add_gradient(*beta, sum_of(&dy));
            }
            Op::DropoutGradient { mask, dy, dx } => self.set(*dx, self.get(*mask) * self.get(*dy)),
            Op::RescaleGradient { dy, factor, dx } => self.set(*dx, self.get(*dy) * *factor),
            Op::NormalizeGradient { dy, deviation, dx } => self.set(*dx, self.get(*dy) / self.tensor(*deviation)),
            _ => unreachable!("`step` hands only backward operations over"),
        }
    }
}

/// The sum of each column, as one row.
fn sum_of(x: &Array2<f64>) -> Array2<f64> {
    x.sum_axis(Axis(0)).insert_axis(Axis(0))
}
