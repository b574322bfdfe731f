//! Numbers in any number of dimensions, as array files hold them.

use crate::content_error::ContentError;
use crate::index::Index;

/// Numbers in any number of dimensions.
#[derive(Debug)]
pub(crate) struct Array {
    /// The dimensions, slowest first.
    pub shape: Vec<usize>,
    /// The numbers in the order of [`shape`](Array::shape); all are finite.
    pub numbers: Vec<f32>,
    /// The numbers as in the file, if some large ones are rounded; otherwise empty.
    pub exact: Vec<f64>,
}

/// How many numbers there are, if that fits.
pub(crate) fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |product, dimension| product.checked_mul(*dimension))
}

/// Conversion of the numbers of a file: each must be finite as an `f32`.
pub(crate) fn checked(shape: Vec<usize>, numbers: Vec<f32>) -> Result<Array, ContentError> {
    if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
        let value = numbers[at];
        return Err(ContentError::NotFinite { index: Index::of(at, &shape), value: format!("{value}") });
    }
    Ok(Array { shape, numbers, exact: Vec::new() })
}

/// Numbers of more digits than `f32` holds. They are kept if one that is far from zero is rounded,
/// since others may become equal.
pub(crate) fn rounded(shape: Vec<usize>, exact: Vec<f64>) -> Result<Array, ContentError> {
    let array = checked(shape, exact.iter().map(|number| *number as f32).collect())?;
    let is_rounded = |number: &f64| number.abs() >= FAR && f64::from(*number as f32) != *number;
    let exact = if exact.iter().any(is_rounded) { exact } else { Vec::new() };
    Ok(Array { exact, ..array })
}

/// From here on the digits after the seventh may matter.
const FAR: f64 = 4096.0;
