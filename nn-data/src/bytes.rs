//! Rows of numbers as bytes, for another program.

use std::ops::Range;

use ndarray::{Array2, Axis, Slice};

use crate::table::Table;

/// Whether all numbers are whole and from 0 to 255, so that a byte holds each of them.
pub fn are_bytes(numbers: &Array2<f32>) -> bool {
    numbers.iter().all(|number| f32::from(*number as u8).to_bits() == number.to_bits())
}

/// Some rows, one after the other, or all of them if there is no order: each number as a byte, or
/// as a little-endian `f32`.
///
/// # Panics
///
/// If the order names a row that does not exist.
pub fn bytes_of(numbers: &Array2<f32>, order: Option<&[usize]>, as_bytes: bool) -> Vec<u8> {
    let rows = order.map_or(numbers.nrows(), <[usize]>::len);
    let mut bytes = Vec::with_capacity(rows * numbers.ncols() * if as_bytes { 1 } else { size_of::<f32>() });
    for at in 0..rows {
        let row = numbers.row(order.map_or(at, |order| order[at]));
        if as_bytes {
            bytes.extend(row.iter().map(|number| *number as u8));
        } else {
            row.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
    }
    bytes
}

impl Table {
    /// The smallest and the largest number of some inputs, over all rows; `None` if there are no
    /// rows.
    ///
    /// # Panics
    ///
    /// If there are fewer inputs.
    pub fn range(&self, inputs: Range<usize>) -> Option<(f32, f32)> {
        let inputs = self.inputs.slice_axis(Axis(1), Slice::from(inputs));
        let mut range = None;
        for &number in inputs {
            let (min, max) = range.unwrap_or((number, number));
            range = Some((number.min(min), number.max(max)));
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn bytes_are_whole_numbers_from_0_to_255() {
        assert!(are_bytes(&array![[0.0, 255.0], [17.0, 1.0]]));
        for number in [-1.0, 256.0, 0.5, -0.0, f32::MAX] {
            assert!(!are_bytes(&array![[number]]), "{number}");
        }
    }

    #[test]
    fn rows_go_in_their_order() {
        let numbers = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        assert_eq!(bytes_of(&numbers, Some(&[2, 0]), true), [5, 6, 1, 2]);
        assert_eq!(bytes_of(&numbers, None, true), [1, 2, 3, 4, 5, 6]);
        assert_eq!(bytes_of(&array![[1.5]], Some(&[0]), false), 1.5_f32.to_le_bytes());
    }
}
