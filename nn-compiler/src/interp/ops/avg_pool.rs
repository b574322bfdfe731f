//! Average pools.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{AvgPool, AvgPoolGradient};

impl Interpret for AvgPool {
    fn interpret(&self, machine: &mut Machine) {
        let (x, window) = (machine.get(self.x), &self.window);
        let mean = |(row, output)| {
            let sum: f64 = window.places(output).into_iter().map(|place| x[[row, place]]).sum();
            sum / window.taps() as f64
        };
        machine.set(self.y, Array2::from_shape_fn((x.nrows(), window.channels * window.positions()), mean));
    }
}

impl Interpret for AvgPoolGradient {
    fn interpret(&self, machine: &mut Machine) {
        let dy = machine.get(self.dy);
        let mut gradient = Array2::zeros((dy.nrows(), machine.width(self.dx)));
        for ((row, output), part) in dy.indexed_iter() {
            for place in self.window.places(output) {
                gradient[[row, place]] += part / self.window.taps() as f64;
            }
        }
        machine.set(self.dx, gradient);
    }
}
