//! Products, number by number.

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::Multiply;

impl Interpret for Multiply {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.get(self.a) * machine.get(self.b));
    }
}
