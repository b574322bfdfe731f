//! Rows of numbers in the safetensors format, which the network's program reads from its standard
//! input. They are never in a file, so no file is left over.
//!
//! Rows are gathered while they are sent, one tensor at a time, and integers from 0 to 255 are sent
//! as bytes. So a set of images needs little more memory than its table.
//!
//! Augmentation happens in the network's program, since epochs are the runtime's and each augments
//! anew (`Trainable::augment`, called by `fit`). So MNIST is in memory once, as floats, in
//! whichever of the two programs works with it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ndarray::Array2;
use nn_data::{Table, TargetColumn, Targets};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

/// Some rows of a table, or all of them.
pub struct Rows<'a> {
    table: &'a Table,
    /// The indices of the rows, in order; `None` for all rows.
    order: Option<Vec<usize>>,
}

impl<'a> Rows<'a> {
    /// All rows.
    pub fn all(table: &'a Table) -> Self {
        Self { table, order: None }
    }

    /// These rows, in this order.
    pub fn some(table: &'a Table, order: Vec<usize>) -> Self {
        Self { table, order: Some(order) }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.order.as_ref().map_or(self.table.rows(), Vec::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Selects from `known`, which has an element for each row of the table, those of these rows.
    pub fn each<T: Clone>(&self, known: &[T]) -> Vec<T> {
        match &self.order {
            None => known.to_vec(),
            Some(order) => order.iter().filter_map(|row| known.get(*row).cloned()).collect(),
        }
    }

    /// The indices of the rows in the table.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).map(|at| self.order.as_ref().map_or(at, |order| order[at]))
    }

    /// The table with the rows.
    pub fn table(&self) -> &'a Table {
        self.table
    }

    /// The indices of the rows, in order; `None` for all rows.
    pub fn order(&self) -> Option<&[usize]> {
        self.order.as_deref()
    }
}

/// Tensors by name, and metadata.
#[derive(Default)]
pub struct Arrays<'a> {
    tensors: Vec<(String, Tensor<'a>)>,
    metadata: BTreeMap<String, String>,
}

/// The values of a tensor.
#[derive(Clone, Copy)]
enum Values<'a> {
    Matrix(&'a Array2<f32>),
    Classes(&'a [usize]),
    Columns(&'a [TargetColumn]),
    Weights(&'a [f32]),
}

/// A tensor whose rows are gathered when it is sent.
struct Tensor<'a> {
    values: Values<'a>,
    order: Option<&'a [usize]>,
    shape: [usize; 2],
    /// Whether all values are integers from 0 to 255.
    are_bytes: bool,
}

impl<'a> Arrays<'a> {
    /// No tensors, and this metadata.
    pub fn with_metadata(metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..Self::default() }
    }

    /// Adds the inputs of a set of rows.
    pub fn add_inputs(&mut self, set: &str, rows: &'a Rows) {
        self.add(format!("{set}.inputs"), Values::Matrix(&rows.table.inputs), rows);
    }

    /// Adds the inputs of a set of rows that are not of a table.
    pub fn add_rows(&mut self, set: &str, inputs: &'a Array2<f32>) {
        let values = Values::Matrix(inputs);
        let shape = [inputs.nrows(), inputs.ncols()];
        let tensor = Tensor { values, order: None, shape, are_bytes: values.are_bytes() };
        self.tensors.push((format!("{set}.inputs"), tensor));
    }

    /// Adds the inputs and targets of a set of rows, and their weights, if there are any. Classes are
    /// sent as numbers.
    pub fn add_set(&mut self, set: &str, rows: &'a Rows) {
        self.add_inputs(set, rows);
        let name = format!("{set}.targets");
        match &rows.table.targets {
            Targets::Classes(classes) => self.add(name, Values::Classes(classes), rows),
            Targets::Numbers(numbers) => self.add(name, Values::Matrix(numbers), rows),
            Targets::Columns(columns) => self.add(name, Values::Columns(columns), rows),
            Targets::None => {}
        }
        if let Some(weights) = &rows.table.weights {
            self.add(format!("{set}.weights"), Values::Weights(weights), rows);
        }
    }

    fn add(&mut self, name: String, values: Values<'a>, rows: &'a Rows) {
        let width = match values {
            Values::Matrix(matrix) => matrix.ncols(),
            Values::Classes(_) | Values::Weights(_) => 1,
            Values::Columns(columns) => columns.len(),
        };
        let order = rows.order.as_deref();
        let tensor = Tensor { values, order, shape: [rows.len(), width], are_bytes: values.are_bytes() };
        self.tensors.push((name, tensor));
    }

    /// Sends the length of the file in 8 bytes, little-endian, then the file.
    pub fn send(&self, to: &mut impl Write) -> io::Result<()> {
        let header = self.header()?;
        let data: usize = self.tensors.iter().map(|(_, tensor)| tensor.data_len()).sum();
        let length = size_of::<u64>() + header.len() + data;
        to.write_all(&(length as u64).to_le_bytes())?;
        to.write_all(&(header.len() as u64).to_le_bytes())?;
        to.write_all(&header)?;
        self.tensors.iter().try_for_each(|(_, tensor)| to.write_all(&tensor.data()))?;
        to.flush()
    }

    /// The header of the safetensors file, as JSON.
    fn header(&self) -> io::Result<Vec<u8>> {
        let mut start = 0;
        let infos = self.tensors.iter().map(|(name, tensor)| {
            let offsets = (start, start + tensor.data_len());
            start = offsets.1;
            (name.clone(), TensorInfo { dtype: tensor.dtype(), shape: tensor.shape.to_vec(), data_offsets: offsets })
        });
        let metadata = self.metadata.clone().into_iter().collect();
        let header = Metadata::new(Some(metadata), infos.collect()).map_err(io::Error::other)?;
        Ok(serde_json::to_vec(&header)?)
    }
}

impl Values<'_> {
    fn are_bytes(self) -> bool {
        match self {
            Self::Matrix(matrix) => nn_data::are_bytes(matrix),
            Self::Classes(classes) => classes.iter().all(|class| *class <= 255),
            Self::Columns(_) | Self::Weights(_) => false,
        }
    }
}

impl Tensor<'_> {
    /// Gathers the rows into a matrix. `number` gives the element of a row and a column.
    fn matrix(&self, number: impl Fn(usize, usize) -> f32) -> Array2<f32> {
        let row = |at| self.order.map_or(at, |order| order[at]);
        Array2::from_shape_fn(self.shape, |(at, column)| number(row(at), column))
    }

    fn dtype(&self) -> Dtype {
        if self.are_bytes { Dtype::U8 } else { Dtype::F32 }
    }

    fn data(&self) -> Vec<u8> {
        match self.values {
            Values::Matrix(matrix) => nn_data::bytes_of(matrix, self.order, self.are_bytes),
            Values::Classes(classes) => {
                nn_data::bytes_of(&self.matrix(|row, _| classes[row] as f32), None, self.are_bytes)
            }
            Values::Weights(weights) => nn_data::bytes_of(&self.matrix(|row, _| weights[row]), None, self.are_bytes),
            Values::Columns(columns) => {
                let number = |row: usize, column: usize| match &columns[column] {
                    TargetColumn::Classes(classes) => classes[row] as f32,
                    TargetColumn::Numbers(numbers) => numbers[row],
                };
                nn_data::bytes_of(&self.matrix(number), None, self.are_bytes)
            }
        }
    }

    fn data_len(&self) -> usize {
        let size = if self.are_bytes { 1 } else { size_of::<f32>() };
        self.shape[0] * self.shape[1] * size
    }
}
