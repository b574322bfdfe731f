//! Forward operations.

use ndarray::{Array2, Axis, concatenate, s};

use super::{Machine, Targets, activation};
use crate::layers::activation::Activation;
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn forward(&mut self, op: &Op) {
        match op {
            Op::Gather { input, y } => self.set(*y, self.batch.inputs[*input].clone()),
            Op::GatherTarget { target, y } => match &self.batch.targets[*target] {
                Targets::Numbers(numbers) => self.set(*y, numbers.clone()),
                Targets::Classes(_) => unreachable!("classes are not gathered"),
            },
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
                self.set(*y, relu(x) - relu(&-x) * spread(self.tensor(*slope), x.ncols()));
            }
            Op::Softmax { x, y } => self.set(*y, log_softmax(self.get(*x)).exp()),
            Op::LogSoftmax { x, y } => self.set(*y, log_softmax(self.get(*x))),
            Op::BatchNormTrain { .. } => self.batch_norm_train(op),
            Op::BatchNormEvaluate { x, gamma, beta, running_mean, running_variance, eps, y } => {
                let inverse = self.tensor(*running_variance).mapv(|variance| 1.0 / (variance + eps).sqrt());
                let x = self.get(*x);
                let spread = |features: &Array2<f64>| spread(features, x.ncols());
                let normalized = (x - &spread(self.tensor(*running_mean))) * spread(&inverse);
                self.set(*y, normalized * spread(self.tensor(*gamma)) + spread(self.tensor(*beta)));
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
                let x = self.get(*x);
                let spread = |features: &Array2<f64>| spread(features, x.ncols());
                self.set(*y, (x - &spread(self.tensor(*mean))) / spread(self.tensor(*deviation)));
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
                let features = self.tensor(*mean).len();
                let count = (x.len() / features) as f64;
                let means = sum_of_features(x, features) / count;
                let squares = (x - &spread(&means, x.ncols())).mapv(|d| d * d);
                let mut deviations = (sum_of_features(&squares, features) / count).mapv(f64::sqrt);
                let width = x.ncols() / features;
                for (feature, deviation) in deviations.iter_mut().enumerate() {
                    let numbers = x.slice(s![.., width * feature..width * (feature + 1)]);
                    // A constant keeps its scale. (Its mean may be rounded, so its deviation need not be 0.)
                    if numbers.first().is_none_or(|first| numbers.iter().all(|number| number == first)) {
                        *deviation = 1.0;
                    }
                }
                self.state.tensors[mean.0] = means;
                self.state.tensors[deviation.0] = deviations;
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
        let features = self.tensor(*gamma).len();
        let count = (x.len() / features) as f64;
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        let batch_mean = sum_of_features(x, features) / count;
        let deviations = x - &spread(&batch_mean);
        let variance = sum_of_features(&deviations.mapv(|d| d * d), features) / count;
        let inverse = variance.mapv(|variance| 1.0 / (variance + eps).sqrt());
        let output = deviations * spread(&inverse) * spread(self.tensor(*gamma)) + spread(self.tensor(*beta));
        let unbiased = &variance * (count / (count - 1.0));
        for (running, batch) in [(running_mean, &batch_mean), (running_variance, &unbiased)] {
            let tensor = &mut self.state.tensors[running.0];
            *tensor = &*tensor * (1.0 - momentum) + batch * *momentum;
        }
        self.set(*mean, batch_mean);
        self.set(*inverse_deviation, inverse);
        self.set(*y, output);
    }
}

/// Σ over the rows and the numbers of each feature, as one row of all features.
pub(super) fn sum_of_features(x: &Array2<f64>, features: usize) -> Array2<f64> {
    let width = x.ncols() / features;
    // In the order of rows, however they lie in memory.
    let sum = |(_, feature)| x.slice(s![.., width * feature..width * (feature + 1)]).iter().sum();
    Array2::from_shape_fn((1, features), sum)
}

/// One number for each feature, as one row of `columns` numbers; as it is where there is one for all.
pub(super) fn spread(features: &Array2<f64>, columns: usize) -> Array2<f64> {
    let width = columns / features.len();
    Array2::from_shape_fn((1, columns), |(_, column)| features[[0, column / width]])
}

fn relu(x: &Array2<f64>) -> Array2<f64> {
    x.mapv(|x| activation::value(Activation::Relu, x))
}

/// x − ln Σ exp(x), row by row.
pub(super) fn log_softmax(x: &Array2<f64>) -> Array2<f64> {
    let largest = x.fold_axis(Axis(1), f64::NEG_INFINITY, |a, b| a.max(*b)).insert_axis(Axis(1));
    let shifted = x - &largest;
    let sum = shifted.exp().sum_axis(Axis(1)).insert_axis(Axis(1)).ln();
    shifted - sum
}
