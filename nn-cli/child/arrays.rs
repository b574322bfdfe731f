//! Rows of numbers from the file that `nn` hands over.

use std::error::Error;
use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::numbers::Numbers;

/// A safetensors file in memory. Its tensors are `[rows, width]`.
pub struct Arrays {
    bytes: Vec<u8>,
}

impl Arrays {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let bytes = fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(Self { bytes })
    }

    /// The rows of a tensor.
    pub fn rows<R: Numbers>(&self, name: &str) -> Result<Vec<R>, Box<dyn Error>> {
        let tensors = SafeTensors::deserialize(&self.bytes)?;
        let tensor = tensors.tensor(name)?;
        if tensor.shape().get(1) != Some(&R::WIDTH) {
            return Err(format!("`{name}` is {:?}, but its rows hold {}", tensor.shape(), R::WIDTH).into());
        }
        let numbers: Vec<f32> = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        let row = |numbers| {
            let mut row = R::zeroed();
            row.read(numbers);
            row
        };
        Ok(numbers.chunks_exact(R::WIDTH).map(row).collect())
    }
}
