//! Max pools.

use ndarray::Array2;

use crate::interp::activation;
use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{MaxPool, MaxPoolGradient};
use crate::vocabulary::Window;

impl Interpret for MaxPool {
    fn interpret(&self, machine: &mut Machine) {
        let x = machine.get(self.x);
        let largest = |(row, output)| x[[row, first_largest(x, row, &self.window, output)]];
        let outputs = self.window.channels * self.window.positions();
        machine.set(self.y, Array2::from_shape_fn((x.nrows(), outputs), largest));
    }
}

impl Interpret for MaxPoolGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy) = (machine.get(self.x), machine.get(self.dy));
        let mut gradient = Array2::zeros(x.dim());
        for ((row, output), part) in dy.indexed_iter() {
            let at = first_largest(x, row, &self.window, output);
            let slope = self.derivative.map_or(1.0, |activation| activation::derivative(activation, x[[row, at]]));
            gradient[[row, at]] += part * slope;
        }
        machine.set(self.dx, gradient);
    }
}

/// The place of the first largest input of a window, or of the first NaN.
fn first_largest(x: &Array2<f64>, row: usize, window: &Window, output: usize) -> usize {
    let places = window.places(output);
    let mut at = places[0];
    for place in places {
        let (number, best) = (x[[row, place]], x[[row, at]]);
        if number > best || number.is_nan() && !best.is_nan() {
            at = place;
        }
    }
    at
}
