//! Pools, forward and backward.

use ndarray::Array2;

use super::{Machine, activation};
use crate::layers::window::Window;
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn pool(&mut self, op: &Op) {
        match op {
            Op::MaxPool { x, window, y } => {
                let x = self.get(*x);
                let largest = |(row, output)| x[[row, first_largest(x, row, window, output)]];
                self.set(*y, Array2::from_shape_fn((x.nrows(), outputs(window)), largest));
            }
            Op::AvgPool { x, window, y } => {
                let x = self.get(*x);
                let mean = |(row, output)| {
                    let sum: f64 = window.places(output).into_iter().map(|place| x[[row, place]]).sum();
                    sum / window.taps() as f64
                };
                self.set(*y, Array2::from_shape_fn((x.nrows(), outputs(window)), mean));
            }
            Op::MaxPoolGradient { x, window, derivative, dy, dx } => {
                let (x, dy) = (self.get(*x), self.get(*dy));
                let mut gradient = Array2::zeros(x.dim());
                for ((row, output), part) in dy.indexed_iter() {
                    let at = first_largest(x, row, window, output);
                    let slope = derivative.map_or(1.0, |activation| activation::derivative(activation, x[[row, at]]));
                    gradient[[row, at]] += part * slope;
                }
                self.set(*dx, gradient);
            }
            Op::AvgPoolGradient { window, dy, dx } => {
                let dy = self.get(*dy);
                let mut gradient = Array2::zeros((dy.nrows(), self.widths[dx.0]));
                for ((row, output), part) in dy.indexed_iter() {
                    for place in window.places(output) {
                        gradient[[row, place]] += part / window.taps() as f64;
                    }
                }
                self.set(*dx, gradient);
            }
            _ => unreachable!("`step` hands only pools over"),
        }
    }
}

fn outputs(window: &Window) -> usize {
    window.channels * window.positions()
}

/// Where the first largest input of a window is, or the first NaN.
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
