//! Softmax.

use ndarray::Axis;

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::log_softmax;
use crate::plan::ops::{Softmax, SoftmaxGradient};

impl Interpret for Softmax {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, log_softmax(machine.get(self.x)).exp());
    }
}

impl Interpret for SoftmaxGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (y, dy) = (machine.get(self.y), machine.get(self.dy));
        let inner = (y * dy).sum_axis(Axis(1)).insert_axis(Axis(1));
        machine.set(self.dx, y * (dy - &inner));
    }
}
