//! Forward operations.

use ndarray::{Array2, Axis, concatenate, s};

use super::{Machine, activation};
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn forward(&mut self, op: &Op) {
        match op {
            Op::Gather { input, y } => self.set(*y, self.batch.inputs[*input].clone()),
            Op::Scatter { x, .. } => {
                let output = self.get(*x).clone();
                self.run.outputs.push(output);
            }
            Op::Dense { x, weight, bias, activation, y } => {
                let mut z = self.get(*x).dot(self.tensor(*weight));
                if let Some(bias) = bias {
                    z += self.tensor(*bias);
                }
                self.set(*y, z.mapv(|z| activation::value(*activation, z)));
            }
            Op::Conv { .. } => self.conv(op),
            Op::Activate { activation, x, y } => self.set(*y, self.get(*x).mapv(|x| activation::value(*activation, x))),
            Op::Prelu { x, slope, y } => {
                let x = self.get(*x);
                self.set(*y, relu(x) - relu(&-x) * self.tensor(*slope));
            }
            Op::Softmax { x, y } => self.set(*y, log_softmax(self.get(*x)).exp()),
            Op::LogSoftmax { x, y } => self.set(*y, log_softmax(self.get(*x))),
            Op::BatchNormTrain { .. } => self.batch_norm_train(op),
            Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y } => {
                let inverse = self.tensor(*running_variance).mapv(|variance| 1.0 / (variance + eps).sqrt());
                let normalized = (self.get(*x) - self.tensor(*running_mean)) * inverse;
                self.set(*y, normalized * self.tensor(*gamma) + self.tensor(*beta));
            }
            Op::Dropout { x, site, mask, y, .. } => {
                let x = self.get(*x);
                let given = self.batch.masks.get(*site).cloned().unwrap_or_else(|| Array2::ones(x.dim()));
                let dropped = x * &given;
                self.set(*mask, given);
                self.set(*y, dropped);
            }
            Op::Rescale { x, factor, offset, y } => self.set(*y, self.get(*x) * *factor + *offset),
            Op::Normalize { x, mean, deviation, y } => {
                self.set(*y, (self.get(*x) - self.tensor(*mean)) / self.tensor(*deviation));
            }
            Op::Add { a, b, y } => self.set(*y, self.get(*a) + self.get(*b)),
            Op::Multiply { a, b, y } => self.set(*y, self.get(*a) * self.get(*b)),
            Op::Concat { xs, y } => {
                let parts: Vec<_> = xs.iter().map(|x| self.get(*x).view()).collect();
                let joined = concatenate(Axis(1), &parts).expect("merged values have equally many rows");
                self.set(*y, joined);
            }
            Op::Copy { x, y } => self.set(*y, self.get(*x).clone()),
            Op::Take { x, at, y } => {
                let width = self.widths[y.0];
                self.set(*y, self.get(*x).slice(s![.., *at..*at + width]).to_owned());
            }
            Op::Observe { x, mean, deviation } => {
                let x = self.get(*x);
                let found = mean_of(x);
                let spread = mean_of(&(x - &found).mapv(|d| d * d)).mapv(|v| if v == 0.0 { 1.0 } else { v.sqrt() });
                self.state.tensors[mean.0] = found;
                self.state.tensors[deviation.0] = spread;
            }
            _ => unreachable!("`step` hands only forward operations over"),
        }
    }

    fn batch_norm_train(&mut self, op: &Op) {
        let Op::BatchNormTrain {
            x,
            gamma,
            beta,
            running_mean,
            running_variance,
            momentum,
            eps,
            mean,
            inverse_deviation,
            y,
        } = op
        else {
            return;
        };
        let x = self.get(*x);
        let batch_mean = mean_of(x);
        let variance = mean_of(&(x - &batch_mean).mapv(|d| d * d));
        let inverse = variance.mapv(|variance| 1.0 / (variance + eps).sqrt());
        let normalized = (x - &batch_mean) * &inverse;
        let output = normalized * self.tensor(*gamma) + self.tensor(*beta);
        let rows = self.rows as f64;
        let unbiased = &variance * (rows / (rows - 1.0));
        for (running, batch) in [(running_mean, &batch_mean), (running_variance, &unbiased)] {
            let tensor = &mut self.state.tensors[running.0];
            *tensor = &*tensor * (1.0 - momentum) + batch * *momentum;
        }
        self.set(*mean, batch_mean);
        self.set(*inverse_deviation, inverse);
        self.set(*y, output);
    }
}

/// The mean of each column, as one row.
fn mean_of(x: &Array2<f64>) -> Array2<f64> {
    let rows = x.nrows() as f64;
    x.sum_axis(Axis(0)).insert_axis(Axis(0)) / rows
}

fn relu(x: &Array2<f64>) -> Array2<f64> {
    x.mapv(|x| x.max(0.0))
}

/// x − ln Σ exp(x), row by row.
pub(super) fn log_softmax(x: &Array2<f64>) -> Array2<f64> {
    let largest = x.fold_axis(Axis(1), f64::NEG_INFINITY, |a, b| a.max(*b)).insert_axis(Axis(1));
    let shifted = x - &largest;
    let sum = shifted.exp().sum_axis(Axis(1)).insert_axis(Axis(1)).ln();
    shifted - sum
}
