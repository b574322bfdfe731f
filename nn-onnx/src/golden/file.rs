//! Writes tensors as a safetensors file.

use safetensors::Dtype;
use safetensors::tensor::{TensorView, serialize};

/// A tensor of a file.
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its numbers, row-major.
    pub numbers: Numbers,
}

/// The numbers of a tensor, which are written as they are, or as f32.
pub enum Numbers {
    /// In double precision.
    Floats(Vec<f64>),
    /// In single precision.
    Singles(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<i64>),
}

impl Numbers {
    fn bytes(&self) -> (Dtype, Vec<u8>) {
        match self {
            Self::Floats(all) => (Dtype::F64, all.iter().flat_map(|number| number.to_le_bytes()).collect()),
            Self::Singles(all) => (Dtype::F32, all.iter().flat_map(|number| (*number as f32).to_le_bytes()).collect()),
            Self::Integers(all) => (Dtype::I64, all.iter().flat_map(|number| number.to_le_bytes()).collect()),
        }
    }
}

/// The bytes of a file. Equal tensors give equal bytes.
///
/// # Errors
///
/// Two tensors of one name, or a shape that has another number of elements.
pub fn write(entries: &[Entry]) -> Result<Vec<u8>, String> {
    let bytes: Vec<_> = entries.iter().map(|entry| entry.numbers.bytes()).collect();
    let views = entries.iter().zip(&bytes).map(|(entry, (dtype, bytes))| {
        let view = TensorView::new(*dtype, entry.shape.clone(), bytes).map_err(|error| error.to_string())?;
        Ok((entry.name.as_str(), view))
    });
    let views: Vec<_> = views.collect::<Result<_, String>>()?;
    serialize(views, None).map_err(|error| error.to_string())
}
