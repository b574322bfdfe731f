//! Embeddings, forward and backward.

use ndarray::Array2;

use super::Machine;
use crate::plan::Op;

impl Machine<'_> {
    pub(super) fn embedding(&mut self, op: &Op) {
        match op {
            Op::Embedding { x, weight, y } => {
                let (x, weight) = (self.get(*x), self.tensor(*weight));
                let number = |(row, at)| match token(x[[row, at % x.ncols()]], weight.nrows()) {
                    Some(token) => weight[[token, at / x.ncols()]],
                    None => f64::NAN,
                };
                self.set(*y, Array2::from_shape_fn((x.nrows(), x.ncols() * weight.ncols()), number));
            }
            Op::EmbeddingGradient { x, dy, weight } => {
                let (x, dy) = (self.get(*x), self.get(*dy));
                let mut gradient = Array2::zeros(self.tensor(*weight).dim());
                for ((row, at), part) in dy.indexed_iter() {
                    if let Some(token) = token(x[[row, at % x.ncols()]], gradient.nrows()) {
                        gradient[[token, at / x.ncols()]] += part;
                    }
                }
                self.add_gradient(*weight, gradient);
            }
            _ => unreachable!("`step` hands only embeddings over"),
        }
    }
}

/// The token that a number is the index of.
fn token(number: f64, vocabulary: usize) -> Option<usize> {
    (number.fract() == 0.0 && (0.0..vocabulary as f64).contains(&number)).then_some(number as usize)
}
