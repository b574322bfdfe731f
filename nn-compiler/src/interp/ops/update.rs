//! Steps of the optimizer for tensors whose gradient is stored.

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{CheckLoss, UpdateTensor};

impl Interpret for CheckLoss {
    fn interpret(&self, machine: &mut Machine) {
        machine.ends = !machine.run.loss.is_finite();
    }
}

impl Interpret for UpdateTensor {
    fn interpret(&self, machine: &mut Machine) {
        let gradient = machine.run.gradients[self.tensor.0.0].clone();
        machine.update(self.tensor, gradient);
    }
}
