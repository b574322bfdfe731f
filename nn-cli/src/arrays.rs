//! Rows of numbers as a safetensors file, which the network's program reads.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use nn_data::{Table, TargetColumn, Targets};
use safetensors::tensor::{Dtype, SafeTensorError, TensorView};
use tempfile::TempDir;

use crate::error::Error;

/// Tensors by name, and the metadata beside them.
#[derive(Default)]
pub struct Arrays {
    tensors: Vec<(String, Tensor)>,
    metadata: BTreeMap<String, String>,
}

/// `[rows, width]` numbers, as little-endian bytes.
struct Tensor {
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Arrays {
    /// No tensors, and this metadata.
    pub fn with_metadata(metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..Self::default() }
    }

    /// Adds the inputs of a set of rows.
    pub fn add_inputs(&mut self, set: &str, inputs: &Array2<f32>) {
        self.add(format!("{set}.inputs"), inputs);
    }

    /// Adds the inputs and targets of a set of rows; classes go as numbers.
    pub fn add_set(&mut self, set: &str, table: &Table) {
        self.add_inputs(set, &table.inputs);
        let name = format!("{set}.targets");
        match &table.targets {
            Targets::Classes(classes) => {
                let number = |(row, _): (usize, usize)| classes[row] as f32;
                self.add(name, &Array2::from_shape_fn((classes.len(), 1), number));
            }
            Targets::Numbers(numbers) => self.add(name, numbers),
            Targets::Columns(columns) => {
                let number = |(row, column): (usize, usize)| match &columns[column] {
                    TargetColumn::Classes(classes) => classes[row] as f32,
                    TargetColumn::Numbers(numbers) => numbers[row],
                };
                self.add(name, &Array2::from_shape_fn((table.rows(), columns.len()), number));
            }
            Targets::None => {}
        }
    }

    fn add(&mut self, name: String, array: &Array2<f32>) {
        let bytes = array.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.tensors.push((name, Tensor { shape: array.shape().to_vec(), bytes }));
    }

    /// Writes them to a file in a new folder, which goes with the value returned.
    pub fn write_to_temporary(&self) -> Result<(TempDir, PathBuf), Error> {
        let folder = tempfile::tempdir().map_err(|source| Error::Write { path: env::temp_dir(), source })?;
        let path = folder.path().join("arrays.safetensors");
        match self.write(&path) {
            Ok(()) => Ok((folder, path)),
            Err(SafeTensorError::IoError(source)) => Err(Error::Write { path, source }),
            Err(error) => Err(Error::Write { path, source: io::Error::other(error) }),
        }
    }

    fn write(&self, path: &Path) -> Result<(), SafeTensorError> {
        let mut views = Vec::with_capacity(self.tensors.len());
        for (name, tensor) in &self.tensors {
            views.push((name, TensorView::new(Dtype::F32, tensor.shape.clone(), &tensor.bytes)?));
        }
        let metadata = self.metadata.clone().into_iter().collect();
        safetensors::serialize_to_file(views, Some(metadata), path)
    }
}
