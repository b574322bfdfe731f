//! The rows of numbers that `nn` sends.

use std::collections::BTreeMap;
use std::error::Error;

use safetensors::{Dtype, SafeTensors};

use crate::flat_row::FlatRow;

/// A safetensors file in memory. Its tensors are `[rows, width]`.
pub struct Arrays {
    bytes: Vec<u8>,
}

impl Arrays {
    /// Takes the bytes of the file.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// The metadata of the file.
    pub fn metadata(&self) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
        let (_, header) = SafeTensors::read_metadata(&self.bytes)?;
        Ok(header.metadata().clone().unwrap_or_default().into_iter().collect())
    }

    /// The rows of a tensor.
    pub fn rows<R: FlatRow>(&self, name: &str) -> Result<Vec<R>, Box<dyn Error>> {
        let tensors = SafeTensors::deserialize(&self.bytes)?;
        let tensor = tensors.tensor(name)?;
        if tensor.shape().get(1) != Some(&R::WIDTH) {
            return Err(format!("`{name}` is {:?}, but its rows have {} numbers", tensor.shape(), R::WIDTH).into());
        }
        let data = tensor.data();
        match tensor.dtype() {
            Dtype::U8 => Ok(rows_of(data, |byte: &[u8; 1]| f32::from(byte[0]))),
            Dtype::F32 => Ok(rows_of(data, |bytes| f32::from_le_bytes(*bytes))),
            other => Err(format!("`{name}` holds numbers of type {other:?}").into()),
        }
    }
}

/// Rows of numbers with `SIZE` bytes each. One row is converted at a time.
fn rows_of<R: FlatRow, const SIZE: usize>(data: &[u8], number: impl Fn(&[u8; SIZE]) -> f32) -> Vec<R> {
    let mut numbers = vec![0.0; R::WIDTH];
    let rows = data.chunks_exact(R::WIDTH * SIZE);
    let read = |bytes: &[u8]| {
        for (into, bytes) in numbers.iter_mut().zip(bytes.as_chunks().0) {
            *into = number(bytes);
        }
        let mut row = R::zeroed();
        row.read(&numbers);
        row
    };
    rows.map(read).collect()
}
