//! Embeddings.

use ndarray::Array2;

use crate::interp::machine::{Interpret, Machine};
use crate::plan::ops::{Embedding, EmbeddingGradient};

impl Interpret for Embedding {
    fn interpret(&self, machine: &mut Machine) {
        let (x, weight) = (machine.get(self.x), machine.tensor(self.weight));
        let number = |(row, at)| match token(x[[row, at % x.ncols()]], weight.nrows()) {
            Some(token) => weight[[token, at / x.ncols()]],
            None => f64::NAN,
        };
        machine.set(self.y, Array2::from_shape_fn((x.nrows(), x.ncols() * weight.ncols()), number));
    }
}

impl Interpret for EmbeddingGradient {
    fn interpret(&self, machine: &mut Machine) {
        let (x, dy) = (machine.get(self.x), machine.get(self.dy));
        let mut gradient = Array2::zeros(machine.tensor(self.weight).dim());
        for ((row, at), part) in dy.indexed_iter() {
            if let Some(token) = token(x[[row, at % x.ncols()]], gradient.nrows()) {
                gradient[[token, at / x.ncols()]] += part;
            }
        }
        machine.add_gradient(self.weight, gradient);
    }
}

/// The token that a number is the index of.
fn token(number: f64, vocabulary: usize) -> Option<usize> {
    (number.fract() == 0.0 && (0.0..vocabulary as f64).contains(&number)).then_some(number as usize)
}
