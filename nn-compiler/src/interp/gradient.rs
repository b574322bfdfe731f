//! Backward operations.

use ndarray::{Array2, Axis};

use super::forward::{spread, sum_of_features};
use super::{Machine, activation};
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn gradient(&mut self, op: &Op) {
        match op {
            Op::DenseGradient { x, dy, weight, bias } => {
                self.add_gradient(*weight, self.get(*x).t().dot(self.get(*dy)));
                if let Some(bias) = bias {
                    self.add_gradient(*bias, sum_of(self.get(*dy)));
                }
            }
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
                let slopes = self.tensor(*slope);
                let parts = sum_of_features(&(dy * x * &below), slopes.len());
                let gradient = dy * (&positive + &below * spread(slopes, x.ncols()));
                self.add_gradient(*slope, parts);
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
                let (dy, x) = (self.get(*dy), self.get(*x));
                let features = self.tensor(*gamma).len();
                let count = (x.len() / features) as f64;
                let spread = |features: &Array2<f64>| spread(features, x.ncols());
                let inverse = spread(self.get(*inverse_deviation));
                let normalized = (x - &spread(self.get(*mean))) * &inverse;
                let (sum, along) = (sum_of_features(dy, features), sum_of_features(&(dy * &normalized), features));
                let centred = dy - &spread(&(&sum / count)) - normalized * spread(&(&along / count));
                self.set(*dx, centred * spread(self.tensor(*gamma)) * inverse);
                self.add_gradient(*gamma, along);
                self.add_gradient(*beta, sum);
            }
            Op::BatchNormEvaluateGradient { x, gamma, beta, running_mean, running_variance, eps, dy, dx } => {
                let (dy, x) = (self.get(*dy), self.get(*x));
                let features = self.tensor(*gamma).len();
                let spread = |features: &Array2<f64>| spread(features, x.ncols());
                let inverse = spread(&self.tensor(*running_variance).mapv(|variance| 1.0 / (variance + eps).sqrt()));
                let normalized = (x - &spread(self.tensor(*running_mean))) * &inverse;
                let (sum, along) = (sum_of_features(dy, features), sum_of_features(&(dy * &normalized), features));
                self.set(*dx, dy * spread(self.tensor(*gamma)) * inverse);
                self.add_gradient(*gamma, along);
                self.add_gradient(*beta, sum);
            }
            Op::DropoutGradient { mask, dy, dx } => self.set(*dx, self.get(*mask) * self.get(*dy)),
            Op::RescaleGradient { dy, factor, dx } => self.set(*dx, self.get(*dy) * *factor),
            Op::NormalizeGradient { dy, deviation, dx } => {
                let dy = self.get(*dy);
                self.set(*dx, dy / &spread(self.tensor(*deviation), dy.ncols()));
            }
            _ => unreachable!("`step` hands only backward operations over"),
        }
    }
}

/// The sum of each column, as one row.
pub(super) fn sum_of(x: &Array2<f64>) -> Array2<f64> {
    x.sum_axis(Axis(0)).insert_axis(Axis(0))
}
