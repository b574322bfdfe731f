//! Standardization, and the sums for mean and deviation.

use ndarray::{Array2, s};

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{spread, sum_of_features};
use crate::plan::ops::{Normalize, NormalizeGradient, ObserveMoments};

impl Interpret for Normalize {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let spread = |features: &Array2<f64>| spread(features, x.ncols());
        machine.set(self.y, (x - &spread(machine.tensor(self.mean))) / spread(machine.tensor(self.deviation)));
    }
}

impl Interpret for NormalizeGradient {
    fn interpret(&self, machine: &mut Machine) {
        let dy = machine.get(self.dy);
        machine.set(self.dx, dy / &spread(machine.tensor(self.deviation), dy.ncols()));
    }
}

impl Interpret for ObserveMoments {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let features = machine.tensor(self.mean).len();
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
        machine.observe(self.mean, means);
        machine.observe(self.deviation, deviations);
    }
}
