//! Convolutions, product by product.

use ndarray::Array2;

use super::{Machine, activation};
use crate::layers::window::Window;
use crate::plan::Op;

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

impl Machine<'_> {
    pub(super) fn conv(&mut self, op: &Op) {
        let Op::Conv { window, groups, x, weight, bias, activation, y } = op else { return };
        let (x, weight) = (self.get(*x), flat(self.tensor(*weight)));
        let (width, positions) = (self.widths[y.0], window.positions());
        let mut z = Array2::zeros((x.nrows(), width));
        if let Some(bias) = bias {
            let bias = self.tensor(*bias);
            z.indexed_iter_mut().for_each(|((_, output), z)| *z = bias[[0, output / positions]]);
        }
        for (row, x) in x.outer_iter().enumerate() {
            products(window, *groups, width / positions, |output, input, tap| {
                z[[row, output]] += x[input] * weight[tap];
            });
        }
        self.set(*y, z.mapv(|z| activation::value(*activation, z)));
    }

    pub(super) fn conv_gradient(&mut self, op: &Op) {
        match op {
            Op::ConvWeightGradient { window, groups, x, dy, weight } => {
                let (x, dy) = (self.get(*x), self.get(*dy));
                let mut dw = vec![0.0; self.tensor(*weight).len()];
                for (x, dy) in x.outer_iter().zip(dy.outer_iter()) {
                    products(window, *groups, dy.len() / window.positions(), |output, input, tap| {
                        dw[tap] += dy[output] * x[input];
                    });
                }
                let dw = Array2::from_shape_vec(self.tensor(*weight).dim(), dw).expect("as many as there are weights");
                self.add_gradient(*weight, dw);
            }
            Op::ConvBiasGradient { dy, bias } => {
                let dy = self.get(*dy);
                let mut db = Array2::zeros(self.tensor(*bias).dim());
                let positions = dy.ncols() / db.len();
                dy.indexed_iter().for_each(|((_, output), dy)| db[[0, output / positions]] += dy);
                self.add_gradient(*bias, db);
            }
            Op::ConvInputGradient { window, groups, dy, weight, derivative, dx } => {
                let (dy, weight) = (self.get(*dy), flat(self.tensor(*weight)));
                let mut gradient = Array2::zeros((dy.nrows(), self.widths[dx.0]));
                for (row, dy) in dy.outer_iter().enumerate() {
                    products(window, *groups, dy.len() / window.positions(), |output, input, tap| {
                        gradient[[row, input]] += dy[output] * weight[tap];
                    });
                }
                if let Some((activation, saved)) = derivative {
                    gradient *= &self.get(*saved).mapv(|saved| activation::derivative(*activation, saved));
                }
                self.set(*dx, gradient);
            }
            _ => unreachable!("`gradient` hands only those of convolutions over"),
        }
    }
}
