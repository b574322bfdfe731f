//! Convolutions, product by product.

use ndarray::Array2;

use crate::interp::activation;
use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Conv, ConvBiasGradient, ConvInputGradient, ConvWeightGradient};
use crate::vocabulary::Window;

impl Interpret for Conv {
    fn interpret(&self, machine: &mut Machine) {
        let (x, weight) = (machine.get(self.x), flat(machine.tensor(self.weight)));
        let (width, positions) = (machine.width(self.y), self.window.positions());
        let mut z = Array2::zeros((x.nrows(), width));
        if let Some(bias) = self.bias {
            let bias = machine.tensor(bias);
            z.indexed_iter_mut().for_each(|((_, output), z)| *z = bias[[0, output / positions]]);
        }
        for (row, x) in x.outer_iter().enumerate() {
            products(&self.window, self.groups, width / positions, |output, input, tap| {
                z[[row, output]] += x[input] * weight[tap];
            });
        }
        machine.set(self.y, z.mapv(|z| activation::value(self.activation, z)));
    }
}

impl Interpret for ConvWeightGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy, weight) = (machine.get(self.x), machine.get(self.dy), machine.tensor(self.weight));
        let mut dw = vec![0.0; weight.len()];
        for (x, dy) in x.outer_iter().zip(dy.outer_iter()) {
            products(&self.window, self.groups, dy.len() / self.window.positions(), |output, input, tap| {
                dw[tap] += dy[output] * x[input];
            });
        }
        let dw = Array2::from_shape_vec(weight.dim(), dw).expect("as many as there are weights");
        machine.add_gradient(self.weight, dw);
    }
}

impl Interpret for ConvBiasGradient {
    fn interpret(&self, machine: &mut Machine) {
        let dy = machine.get(self.dy);
        let mut db = Array2::zeros(machine.tensor(self.bias).dim());
        let positions = dy.ncols() / db.len();
        dy.indexed_iter().for_each(|((_, output), dy)| db[[0, output / positions]] += dy);
        machine.add_gradient(self.bias, db);
    }
}

impl Interpret for ConvInputGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (dy, weight) = (machine.get(self.dy), flat(machine.tensor(self.weight)));
        let mut gradient = Array2::zeros((dy.nrows(), machine.width(self.dx)));
        for (row, dy) in dy.outer_iter().enumerate() {
            products(&self.window, self.groups, dy.len() / self.window.positions(), |output, input, tap| {
                gradient[[row, input]] += dy[output] * weight[tap];
            });
        }
        machine.set_through(self.dx, gradient, self.derivative);
    }
}

/// Calls `f(output, input, weight)` with the places of every product: in a row of y, in a row of x, and in W.
fn products(window: &Window, groups: usize, outputs: usize, mut f: impl FnMut(usize, usize, usize)) {
    let ([height, width], [rows, columns]) = (window.input, window.output);
    let channels = window.channels / groups;
    let along = |axis: usize, position: usize, tap: usize| {
        (window.stride[axis] * position + window.dilation[axis] * tap).checked_sub(window.padding[axis])
    };
    for (o, i, j) in ndarray::indices((outputs, rows, columns)) {
        for (c, k, l) in ndarray::indices((channels, window.size[0], window.size[1])) {
            let (Some(row), Some(column)) = (along(0, i, k), along(1, j, l)) else { continue };
            if row < height && column < width {
                let channel = o / (outputs / groups) * channels + c;
                let weight = ((o * channels + c) * window.size[0] + k) * window.size[1] + l;
                f((o * rows + i) * columns + j, (channel * height + row) * width + column, weight);
            }
        }
    }
}

/// The numbers of a tensor in order.
fn flat(tensor: &Array2<f64>) -> Vec<f64> {
    tensor.iter().copied().collect()
}
