//! Dense layers.

use crate::interp::activation;
use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::sum_of_columns;
use crate::plan::ops::{Dense, DenseBiasUpdate, DenseGradient, DenseInputGradient, DenseWeightUpdate};

impl Interpret for Dense {
    fn interpret(&self, machine: &mut Machine) {
        let mut z = machine.get(self.x).dot(machine.tensor(self.weight));
        if let Some(bias) = self.bias {
            z += machine.tensor(bias);
        }
        machine.set(self.y, z.mapv(|z| activation::value(self.activation, z)));
    }
}

impl Interpret for DenseGradient {
    fn interpret(&self, machine: &mut Machine) {
        machine.add_gradient(self.weight, machine.get(self.x).t().dot(machine.get(self.dy)));
        if let Some(bias) = self.bias {
            machine.add_gradient(bias, sum_of_columns(machine.get(self.dy)));
        }
    }
}

impl Interpret for DenseInputGradient {
    fn interpret(&self, machine: &mut Machine) {
        let gradient = machine.get(self.dy).dot(&machine.tensor(self.weight).t());
        machine.set_through(self.dx, gradient, self.derivative);
    }
}

impl Interpret for DenseWeightUpdate {
    fn interpret(&self, machine: &mut Machine) {
        let gradient = machine.get(self.x).t().dot(machine.get(self.dy));
        machine.update(self.weight, gradient);
    }
}

impl Interpret for DenseBiasUpdate {
    fn interpret(&self, machine: &mut Machine) {
        let gradient = sum_of_columns(machine.get(self.dy));
        machine.update(self.bias, gradient);
    }
}
