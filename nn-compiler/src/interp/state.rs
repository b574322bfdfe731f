//! The data of the oracle: the tensors of a network, the rows of a pass, and the results.

use ndarray::{Array2, Axis, Slice};

use crate::ids::TensorId;
use crate::plan::Tensors;
use crate::vocabulary::Init;

/// The values of all tensors of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// By [`TensorId`]; `[1, n]` for vectors.
    pub tensors: Vec<Array2<f64>>,
}

/// The rows of one pass.
#[derive(Clone, Debug)]
pub struct Batch {
    /// For each input of the network, one row for each example.
    pub inputs: Vec<Array2<f64>>,
    /// What the outputs should be, for each target of the network; none for plans without a loss.
    pub targets: Vec<Targets>,
    /// How much the loss of each row counts; `None` for 1. Its mean is by the rows still.
    pub row_weights: Option<Vec<f64>>,
    /// The masks of dropout layers in order (0, or 1/(1 − rate)); without a mask, nothing is dropped.
    pub masks: Vec<Array2<f64>>,
}

/// What an output should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each row.
    Classes(Vec<usize>),
    /// Numbers for each row.
    Numbers(Array2<f64>),
}

/// The numbers of one pass.
#[derive(Clone, Debug)]
pub struct Run {
    /// By [`BufferId`](crate::ids::BufferId); `None` if nothing was written.
    pub buffers: Vec<Option<Array2<f64>>>,
    /// The outputs of a plan that has any, in order.
    pub outputs: Vec<Array2<f64>>,
    /// The loss: weighted, averaged over the rows, without penalties.
    pub loss: f64,
    /// The terms of this sum, in order.
    pub losses: Vec<f64>,
    /// The metrics, averaged over the rows.
    pub metrics: Vec<f64>,
    /// The gradient of the loss by each tensor that learns; undefined for the others.
    pub gradients: Vec<Array2<f64>>,
    /// The gradient of the loss by each input, where the plan computes it.
    pub input_gradients: Vec<Option<Array2<f64>>>,
}

impl State {
    /// Constants from their initialisers, zeros for random values.
    pub fn new(tensors: &Tensors) -> Self {
        let start = |init: Init| match init {
            Init::Constant(value) => value,
            Init::Auto
            | Init::HeNormal
            | Init::HeUniform
            | Init::GlorotNormal
            | Init::GlorotUniform
            | Init::LecunNormal
            | Init::Normal(_)
            | Init::Uniform(_) => 0.0,
        };
        Self {
            tensors: tensors
                .all
                .iter()
                .map(|tensor| Array2::from_elem(matrix(&tensor.shape), start(tensor.init)))
                .collect(),
        }
    }

    /// The values of a tensor, row-major.
    pub fn get(&self, id: TensorId) -> &Array2<f64> {
        &self.tensors[id.0]
    }

    /// Sets a tensor by name from row-major values; `false` if there is no tensor of this name and length.
    pub fn set(&mut self, tensors: &Tensors, name: &str, values: &[f64]) -> bool {
        let found = tensors.all.iter().position(|tensor| tensor.name == name && tensor.len() == values.len());
        let Some(index) = found else { return false };
        for (number, value) in self.tensors[index].iter_mut().zip(values) {
            *number = *value;
        }
        true
    }
}

/// The rows and columns of a tensor.
fn matrix(shape: &[usize]) -> (usize, usize) {
    let columns = shape.last().copied().unwrap_or(1);
    (shape.iter().product::<usize>() / columns, columns)
}

impl Batch {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.inputs.first().map_or(0, Array2::nrows)
    }

    /// The rows from one on, up to another.
    pub fn part(&self, start: usize, end: usize) -> Self {
        let rows = |numbers: &Array2<f64>| numbers.slice_axis(Axis(0), Slice::from(start..end)).to_owned();
        let targets = |targets: &Targets| match targets {
            Targets::Classes(classes) => Targets::Classes(classes[start..end].to_vec()),
            Targets::Numbers(numbers) => Targets::Numbers(rows(numbers)),
        };
        Self {
            inputs: self.inputs.iter().map(rows).collect(),
            targets: self.targets.iter().map(targets).collect(),
            row_weights: self.row_weights.as_ref().map(|weights| weights[start..end].to_vec()),
            masks: self.masks.iter().map(rows).collect(),
        }
    }
}
