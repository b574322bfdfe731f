//! Batch norm.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{spread, sum_of_features};
use crate::plan::ops::{BatchNormEvaluate, BatchNormEvaluateGradient, BatchNormGradient, BatchNormTrain};

impl Interpret for BatchNormTrain {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let features = machine.tensor(self.gamma).len();
        let count = (x.len() / features) as f64;
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        let batch_mean = sum_of_features(x, features) / count;
        let deviations = x - &spread(&batch_mean);
        let variance = sum_of_features(&deviations.mapv(|d| d * d), features) / count;
        let inverse = variance.mapv(|variance| 1.0 / (variance + self.eps).sqrt());
        let normalized = deviations * spread(&inverse);
        let output = normalized * spread(machine.tensor(self.gamma)) + spread(machine.tensor(self.beta));
        let unbiased = &variance * (count / (count - 1.0));
        for (running, batch) in [(self.running_mean, &batch_mean), (self.running_variance, &unbiased)] {
            let moved = machine.tensor(running) * (1.0 - self.momentum) + batch * self.momentum;
            machine.observe(running, moved);
        }
        machine.set(self.mean, batch_mean);
        machine.set(self.inverse_deviation, inverse);
        machine.set(self.y, output);
    }
}

impl Interpret for BatchNormEvaluate {
    fn interpret(&self, machine: &mut Machine) {
        let inverse = machine.tensor(self.running_variance).mapv(|variance| 1.0 / (variance + self.eps).sqrt());
        let x = machine.get(self.x);
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        let normalized = (x - &spread(machine.tensor(self.running_mean))) * spread(&inverse);
        machine.set(self.y, normalized * spread(machine.tensor(self.gamma)) + spread(machine.tensor(self.beta)));
    }
}

impl Interpret for BatchNormGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (dy, x) = (machine.get(self.dy), machine.get(self.x));
        let features = machine.tensor(self.gamma).len();
        let count = (x.len() / features) as f64;
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        let inverse = spread(machine.get(self.inverse_deviation));
        let normalized = (x - &spread(machine.get(self.mean))) * &inverse;
        let (sum, along) = (sum_of_features(dy, features), sum_of_features(&(dy * &normalized), features));
        let centred = dy - &spread(&(&sum / count)) - normalized * spread(&(&along / count));
        machine.set(self.dx, centred * spread(machine.tensor(self.gamma)) * inverse);
        machine.add_gradient(self.dgamma, along);
        machine.add_gradient(self.dbeta, sum);
    }
}

impl Interpret for BatchNormEvaluateGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (dy, x) = (machine.get(self.dy), machine.get(self.x));
        let features = machine.tensor(self.gamma).len();
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        let inverse = machine.tensor(self.running_variance).mapv(|variance| 1.0 / (variance + self.eps).sqrt());
        let inverse = spread(&inverse);
        let normalized = (x - &spread(machine.tensor(self.running_mean))) * &inverse;
        let (sum, along) = (sum_of_features(dy, features), sum_of_features(&(dy * &normalized), features));
        machine.set(self.dx, dy * spread(machine.tensor(self.gamma)) * inverse);
        machine.add_gradient(self.dgamma, along);
        machine.add_gradient(self.dbeta, sum);
    }
}
