//! The logarithm of softmax.

use ndarray::Axis;

use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::log_softmax;
use crate::plan::ops::{LogSoftmax, LogSoftmaxGradient};

impl Interpret for LogSoftmax {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, log_softmax(machine.get(self.x)));
    }
}

impl Interpret for LogSoftmaxGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (y, dy) = (machine.get(self.y), machine.get(self.dy));
        let sum = dy.sum_axis(Axis(1)).insert_axis(Axis(1));
        machine.set(self.dx, dy - &(y.exp() * sum));
    }
}
