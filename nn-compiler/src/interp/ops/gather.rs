//! Moves between the caller's tuples and buffers.

use crate::interp::machine::{Interpret, Machine};
use crate::interp::state::Targets;
use crate::plan::ops::{Gather, GatherGradient, GatherTarget, Scatter, ScatterGradient};

impl Interpret for Gather {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.batch.inputs[self.input].clone());
    }
}

impl Interpret for GatherTarget {
    fn interpret(&self, machine: &mut Machine) {
        match &machine.batch.targets[self.target] {
            Targets::Numbers(numbers) => machine.set(self.y, numbers.clone()),
            Targets::Classes(_) => unreachable!("classes are not gathered"),
        }
    }
}

impl Interpret for Scatter {
    fn interpret(&self, machine: &mut Machine) {
        let output = machine.get(self.x).clone();
        machine.run.outputs.push(output);
    }
}

impl Interpret for GatherGradient {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.output_gradients[self.output].clone());
    }
}

impl Interpret for ScatterGradient {
    fn interpret(&self, machine: &mut Machine) {
        let gradient = self.x.map(|x| machine.get(x).clone());
        machine.run.input_gradients.push(gradient);
    }
}
