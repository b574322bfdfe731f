//! What is trained.

use ndarray::Array2;
use nn_bench_protocol::Arrays;

use crate::optimizer::{Rule, State};

/// A parameter with its gradient and what the optimizer knows of it.
pub struct Parameter {
    pub value: Array2<f32>,
    pub gradient: Array2<f32>,
    state: State,
}

impl Parameter {
    /// A vector becomes one row; of a kernel, a row holds the weights of one output.
    pub fn read(arrays: &Arrays, name: &str) -> Self {
        let shape = arrays.find(name).map(|array| array.shape.clone()).unwrap_or_default();
        let rows = if shape.len() > 1 { shape[0] } else { 1 };
        let values = arrays.values(name).to_vec();
        let value = Array2::from_shape_vec((rows, values.len() / rows), values);
        let value = value.unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { gradient: Array2::zeros(value.dim()), state: State::new(value.len()), value }
    }

    /// Goes back to a first value.
    pub fn restart(&mut self, first: &Self) {
        self.value.assign(&first.value);
        self.state.restart();
    }

    /// Step number `step`, from 1.
    pub fn update(&mut self, rule: Rule, step: i32) {
        let Self { value, gradient, state } = self;
        rule.update(step, flat(value), gradient.as_slice().unwrap_or_default(), state);
    }
}

/// All numbers, row by row.
pub fn flat(array: &mut Array2<f32>) -> &mut [f32] {
    array.as_slice_mut().unwrap_or_default()
}
