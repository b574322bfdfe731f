//! A position in an array.

use std::fmt::{self, Display, Formatter};

/// A position in an array: `[3, 0, 17]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index(pub Vec<usize>);

impl Index {
    /// The position of number `at` in the order of the shape.
    pub(crate) fn of(mut at: usize, shape: &[usize]) -> Index {
        let mut index: Vec<usize> = shape
            .iter()
            .rev()
            .map(|dimension| {
                let here = at % dimension.max(&1);
                at /= dimension.max(&1);
                here
            })
            .collect();
        index.reverse();
        Index(index)
    }
}

impl Display for Index {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
