//! Sums.

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::Add;

impl Interpret for Add {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.get(self.a) + machine.get(self.b));
    }
}
