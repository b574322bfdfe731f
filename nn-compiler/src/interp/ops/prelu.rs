//! Relu with a learnable slope.

use ndarray::Array2;

use crate::interp::activation;
use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{spread, sum_of_features};
use crate::plan::ops::{Prelu, PreluGradient};
use crate::vocabulary::Activation;

impl Interpret for Prelu {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        machine.set(self.y, relu(x) - relu(&-x) * spread(machine.tensor(self.slope), x.ncols()));
    }
}

impl Interpret for PreluGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy) = (machine.get(self.x), machine.get(self.dy));
        let positive = x.mapv(|x| if x > 0.0 { 1.0 } else { 0.0 });
        let below = 1.0 - &positive;
        let slopes = machine.tensor(self.slope);
        let parts = sum_of_features(&(dy * x * &below), slopes.len());
        let gradient = dy * (&positive + &below * spread(slopes, x.ncols()));
        machine.add_gradient(self.dslope, parts);
        machine.set(self.dx, gradient);
    }
}

fn relu(x: &Array2<f64>) -> Array2<f64> {
    x.mapv(|x| activation::value(Activation::Relu, x))
}
