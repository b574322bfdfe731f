//! State dictionaries of PyTorch: which tensor goes where, transposed or not.
//!
//! | PyTorch | here |
//! | --- | --- |
//! | `Linear.weight` `[units, inputs]` | `weight` `[inputs, units]`, transposed |
//! | `Conv1d.weight`, `Conv2d.weight` `[outputs, inputs/groups, …]`, `Embedding.weight` | `weight` |
//! | `bias` of these | `bias` |
//! | `weight`, `bias` of norms | `gamma`, `beta` |
//! | `running_mean`, `running_var` | `running_mean`, `running_variance` |
//! | `PReLU.weight` | `slope` |
//! | `num_batches_tracked` | nothing: only training needs it |
//!
//! Modules are found by the names of values, or by their shapes and their order. Images are `[channels, height,
//! width]` in both, so `flatten` before a `Linear` needs no permutation.

mod assign;
mod layers;
mod modules;
mod numbers;
mod report;

use std::fmt;

pub use assign::assign;
pub use numbers::Numbers;

use super::stored::{Stored, index};

/// A tensor of a state dictionary.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// `features.0.weight`.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// The type of its numbers: `F32`, `F16`.
    pub dtype: String,
    /// Its numbers.
    pub numbers: Numbers,
}

/// The tensors of a state dictionary.
#[derive(Clone, Debug, Default)]
pub struct StateDict {
    /// Those that hold weights.
    pub sources: Vec<Source>,
    /// The names of counters, which have no place in a network.
    pub counters: Vec<String>,
}

impl StateDict {
    /// The tensors of a safetensors file.
    ///
    /// # Errors
    ///
    /// Everything that cannot be weights: a number type other than F16, BF16, F32 and F64; a number that is not
    /// finite, or not as f32.
    pub fn read(stored: &Stored) -> Result<Self, Vec<String>> {
        let (mut dict, mut mistakes) = (Self::default(), Vec::new());
        for (name, dtype, shape, bytes) in stored.tensors() {
            if name.rsplit('.').next() == Some("num_batches_tracked") {
                dict.counters.push(name);
                continue;
            }
            let Some(numbers) = Numbers::read(&dtype, bytes) else {
                mistakes.push(format!("`{name}` has numbers of type {dtype}; weights are F16, BF16, F32 or F64"));
                continue;
            };
            if let Some(at) = numbers.values.iter().position(|value| !value.is_finite()) {
                let value = numbers.values[at];
                let reason = if dtype == "F64" { ", as f32" } else { "" };
                mistakes.push(format!("`{name}`{} is {value}{reason}", index(&shape, at)));
            }
            dict.sources.push(Source { name, shape, dtype, numbers });
        }
        if mistakes.is_empty() { Ok(dict) } else { Err(mistakes) }
    }
}

/// How modules are found for layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By the names of values.
    Name,
    /// By their shapes; those of one shape in the order of their paths.
    Order,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "by name",
            Self::Order => "by shape and order",
        })
    }
}

/// How modules are to be found.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// By what; where it is not said, by name if all names are found, else by shapes that leave no choice.
    pub by: Option<By>,
    /// Layers (`digit.0`, or `digit` for the only one of a value) with the paths of their modules.
    pub named: Vec<(String, String)>,
}

/// Where the tensors of a state dictionary go.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// How the modules were found that the request does not name.
    pub by: By,
    /// Each tensor, in the order of the network's.
    pub moves: Vec<Move>,
    /// The numbers of each tensor of the network, in the order of `Tensors::all`.
    pub values: Vec<Vec<f32>>,
}

/// A tensor and its new place.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Its name in the state dictionary.
    pub from: String,
    /// Its shape there.
    pub from_shape: Vec<usize>,
    /// Its name in the network.
    pub to: String,
    /// Its shape in the network.
    pub to_shape: Vec<usize>,
    /// Whether rows became columns.
    pub is_transposed: bool,
    /// The type of its numbers.
    pub dtype: String,
    /// How many numbers are not those of the state dictionary, because f32 does not have them.
    pub changed: usize,
    /// The largest difference, relative to the number.
    pub worst: f64,
}
