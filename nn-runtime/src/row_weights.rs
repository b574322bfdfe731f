//! A weight for each row: how much its loss counts.
//!
//! The loss of n rows with weights w is Σ w·L / n, and penalties as without weights: PyTorch's
//! `(w * loss).mean()`, and what Keras does with `sample_weight` by its default reduction,
//! `sum_over_batch_size`. So a weight of 0 masks a row, and a negative one moves away from its
//! target. Where a loss has class weights, its divisor stays the sum of those.
//!
//! Whether there are weights is a type ([`Unweighted`] or a slice), so that a program that has none
//! does not compile what they need.

use core::ops::Range;

use crate::error::{Error, Set};

/// No weights: each row counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unweighted;

/// [`Unweighted`], or a slice with a number for each row. Only these two implement it.
pub trait RowWeights: Copy + sealed::Sealed {
    /// Whether there are no weights.
    const NONE: bool;

    /// The weights of other rows of the same kind.
    #[doc(hidden)]
    type Borrowed<'b>: RowWeights;

    /// The weights, if there are any.
    fn get(&self) -> Option<&[f32]>;

    /// The weights of some of the rows.
    #[doc(hidden)]
    fn range(&self, rows: Range<usize>) -> Self::Borrowed<'_>;

    /// The weights of rows in another order, which `gathered` holds if there are weights.
    #[doc(hidden)]
    fn gathered(gathered: &[f32]) -> Self::Borrowed<'_>;

    /// Refuses weights that are not finite, or not as many as there are rows.
    #[doc(hidden)]
    fn check(&self, set: Set, rows: usize) -> Result<(), Error> {
        let Some(weights) = self.get() else { return Ok(()) };
        if weights.len() != rows {
            return Err(Error::UnequalWeights { set, rows, weights: weights.len() });
        }
        match weights.iter().position(|weight| !weight.is_finite()) {
            Some(row) => Err(Error::NonFiniteWeightOfRow { set, row }),
            None => Ok(()),
        }
    }
}

impl RowWeights for Unweighted {
    const NONE: bool = true;

    type Borrowed<'b> = Self;

    fn get(&self) -> Option<&[f32]> {
        None
    }

    fn range(&self, _rows: Range<usize>) -> Self {
        Self
    }

    fn gathered(_gathered: &[f32]) -> Self {
        Self
    }
}

impl RowWeights for &[f32] {
    const NONE: bool = false;

    type Borrowed<'b> = &'b [f32];

    fn get(&self) -> Option<&[f32]> {
        Some(self)
    }

    fn range(&self, rows: Range<usize>) -> &[f32] {
        &self[rows]
    }

    fn gathered(gathered: &[f32]) -> &[f32] {
        gathered
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Unweighted {}

    impl Sealed for &[f32] {}
}

/// Neighbouring rows of equal weight, with that weight: what a loss is computed of at once. Without
/// weights all rows are one such part, of weight 1, and so they are where each weight is 1: the
/// loss then has the same bits.
pub fn parts(weights: Option<&[f32]>, rows: usize) -> impl Iterator<Item = (Range<usize>, f32)> {
    let mut start = 0;
    core::iter::from_fn(move || {
        let rest = start..rows;
        let weight = match weights {
            Some(weights) => *weights.get(start)?,
            None if rest.is_empty() => return None,
            None => 1.0,
        };
        let same = |other: &f32| other.to_bits() == weight.to_bits();
        let length = match weights {
            Some(weights) => weights[start..].iter().take_while(|other| same(other)).count(),
            None => rest.len(),
        };
        start += length;
        Some((start - length..start, weight))
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn neighbours_of_equal_weight_are_one_part() {
        let found = |weights, rows| parts(weights, rows).collect::<Vec<_>>();
        assert_eq!(found(None, 3), [(0..3, 1.0)]);
        assert_eq!(found(Some(&[1.0; 3]), 3), [(0..3, 1.0)]);
        assert_eq!(found(Some(&[2.0, 2.0, -0.5, 2.0]), 4), [(0..2, 2.0), (2..3, -0.5), (3..4, 2.0)]);
        assert_eq!(found(None, 0), []);
        assert_eq!(found(Some(&[]), 0), []);
    }

    #[test]
    fn weights_are_finite_and_as_many_as_rows() {
        let check = |weights: &[f32]| weights.check(Set::Batch, 2).err().map(|error| error.to_string());
        assert_eq!(check(&[0.0, -1.0]), None);
        assert_eq!(check(&[1.0]).as_deref(), Some("the batch has 2 rows, but 1 weight of a row"));
        let expected = "the weight of row 1 of the batch is not finite";
        assert_eq!(check(&[1.0, f32::NAN]).as_deref(), Some(expected));
        assert!(Unweighted.check(Set::Batch, 2).is_ok());
    }
}
