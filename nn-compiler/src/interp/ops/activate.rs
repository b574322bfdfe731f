//! Elementwise activations.

use crate::interp::activation;
use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Activate, ActivateGradient};

impl Interpret for Activate {
    fn interpret(&self, machine: &mut Machine) {
        machine.set(self.y, machine.get(self.x).mapv(|x| activation::value(self.activation, x)));
    }
}

impl Interpret for ActivateGradient {
    fn interpret(&self, machine: &mut Machine) {
        let slopes = machine.get(self.saved).mapv(|saved| activation::derivative(self.activation, saved));
        machine.set(self.dx, slopes * machine.get(self.dy));
    }
}
