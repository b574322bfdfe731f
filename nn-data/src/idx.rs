//! IDX files: <http://yann.lecun.com/exdb/mnist/>.
//!
//! Two zero bytes, the type of the numbers, how many dimensions there are, each dimension as a
//! big-endian `u32`, then the numbers, big-endian, the last dimension fastest.

use crate::array::{self, Array};
use crate::content_error::ContentError;
use crate::unpack;

/// Reads all of a file.
pub(crate) fn parse(bytes: &[u8]) -> Result<Array, ContentError> {
    let &[0, 0, code, dimensions, ref rest @ ..] = bytes else {
        return Err(match bytes {
            [0] | [0, 0] | [0, 0, _] => ContentError::HeaderCut { bytes: bytes.len() },
            _ => unpack::magic("IDX", bytes),
        });
    };
    let size = match code {
        0x08 | 0x09 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        0x0e => 8,
        _ => return Err(ContentError::IdxType { code }),
    };
    let cut = ContentError::HeaderCut { bytes: bytes.len() };
    let (shape, numbers) = rest.split_at_checked(4 * usize::from(dimensions)).ok_or(cut)?;
    let shape: Vec<usize> =
        shape.as_chunks().0.iter().map(|dimension| u32::from_be_bytes(*dimension) as usize).collect();
    if shape.is_empty() {
        return Err(ContentError::NoRows);
    }
    let header = bytes.len() - numbers.len();
    let expected = array::count(&shape).and_then(|count| count.checked_mul(size)?.checked_add(header));
    let Some(expected) = expected else {
        return Err(ContentError::TooLarge { shape: shape.into_iter().map(|dimension| dimension as u64).collect() });
    };
    if expected != bytes.len() {
        return Err(ContentError::Length { shape, expected, found: bytes.len() });
    }
    let wide: Option<Vec<f64>> = match code {
        0x0c => Some(numbers.as_chunks().0.iter().map(|number| f64::from(i32::from_be_bytes(*number))).collect()),
        0x0e => Some(numbers.as_chunks().0.iter().map(|number| f64::from_be_bytes(*number)).collect()),
        _ => None,
    };
    if let Some(wide) = wide {
        return array::rounded(shape, wide);
    }
    let numbers = match code {
        0x08 => numbers.iter().map(|number| f32::from(*number)).collect(),
        0x09 => numbers.iter().map(|number| f32::from(number.cast_signed())).collect(),
        0x0b => numbers.as_chunks().0.iter().map(|number| f32::from(i16::from_be_bytes(*number))).collect(),
        _ => numbers.as_chunks().0.iter().map(|number| f32::from_be_bytes(*number)).collect(),
    };
    array::checked(shape, numbers)
}
