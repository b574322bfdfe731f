//! Copies.

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::Copy;

impl Interpret for Copy {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.get(self.x).clone());
    }
}
