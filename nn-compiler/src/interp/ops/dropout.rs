//! Dropout, by masks that the caller draws.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Dropout, DropoutGradient};

impl Interpret for Dropout {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let given = machine.batch.masks.get(self.site).cloned().unwrap_or_else(|| Array2::ones(x.dim()));
        let dropped = x * &given;
        machine.set(self.mask, given);
        machine.set(self.y, dropped);
    }
}

impl Interpret for DropoutGradient {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.dx, machine.get(self.mask) * machine.get(self.dy));
    }
}
