//! Fixed scales.

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Rescale, RescaleGradient};

impl Interpret for Rescale {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.get(self.x) * self.factor + self.offset);
    }
}

impl Interpret for RescaleGradient {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.dx, machine.get(self.dy) * self.factor);
    }
}
