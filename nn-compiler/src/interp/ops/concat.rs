//! Concatenations, and parts of a value.

use ndarray::{Axis, concatenate, s};

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Concat, Take};

impl Interpret for Concat {
    fn interpret(&self, machine: &mut Machine) {
        let parts: Vec<_> = self.xs.iter().map(|x| machine.get(*x).view()).collect();
        let joined = concatenate(Axis(1), &parts).expect("merged values have equally many rows");
        machine.set(self.y, joined);
    }
}

impl Interpret for Take {
    fn interpret(&self, machine: &mut Machine) {
        let width = machine.width(self.y);
        machine.set(self.y, machine.get(self.x).slice(s![.., self.at..self.at + width]).to_owned());
    }
}
