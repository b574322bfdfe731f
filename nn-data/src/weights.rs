//! A column that says how much each row counts: finite numbers of 0 or more, not all of them 0.

use crate::cell_errors::CellErrors;
use crate::error::Error;
use crate::limit::Limit;
use crate::number;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::selection::Field;

/// The column while it is read.
pub(crate) struct Weights {
    pub field: Field,
    /// Those of all rows, NaN if a cell has none.
    values: Vec<f32>,
}

impl Weights {
    /// Before the first row.
    pub fn new(field: Field) -> Weights {
        Weights { field, values: Vec::new() }
    }

    /// Adds the weight of a row.
    pub fn push(&mut self, cell: Result<&str, Problem>) -> Result<(), Problem> {
        let weight = cell.and_then(weight);
        self.values.push(*weight.as_ref().unwrap_or(&f32::NAN));
        weight.map(|_| ())
    }

    /// The weights, if all cells were right; where every row weighs nothing, there is nothing to
    /// learn from.
    pub fn finish(self, origin: &Origin, errors: &CellErrors) -> Result<Vec<f32>, Error> {
        if errors.is_empty() && self.values.iter().all(|weight| *weight == 0.0) {
            return Err(Error::NoWeight { origin: origin.clone(), column: self.field.name });
        }
        Ok(self.values)
    }
}

/// The weight in a cell.
fn weight(text: &str) -> Result<f32, Problem> {
    let weight = number::in_range(number::exact(text, None)?, text)?;
    if Limit::Weight.contains(weight) {
        // −0 is 0.
        return Ok(weight.abs());
    }
    Err(Problem::Outside { text: text.to_owned(), limit: Limit::Weight, remedy: None })
}
