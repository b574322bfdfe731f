//! The limits of all columns, and checking numbers against them.

use std::ops::Range;

use crate::cell_errors::CellErrors;
use crate::limit::Limit;
use crate::problem::Problem;
use crate::remedy::Remedy;

/// The limits of all columns; those that are not named hold any number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Those of inputs, by their places in a row of the table.
    pub inputs: Vec<(Range<usize>, Limit)>,
    /// Those of target columns, by their places among these.
    pub targets: Vec<(Range<usize>, Limit)>,
}

impl Limits {
    pub(crate) fn of_input(&self, at: usize) -> Option<&Limit> {
        limit(&self.inputs, at)
    }

    pub(crate) fn of_target(&self, at: usize) -> Option<&Limit> {
        limit(&self.targets, at)
    }
}

/// The limit of a column.
fn limit(limits: &[(Range<usize>, Limit)], at: usize) -> Option<&Limit> {
    limits.iter().find(|(range, _)| range.contains(&at)).map(|(_, limit)| limit)
}

/// A column that has a limit.
pub(crate) struct Limited<'a, I> {
    pub limit: &'a Limit,
    /// Its name, if columns have names.
    pub name: Option<&'a str>,
    /// Its numbers, NaN if a cell has none.
    pub numbers: I,
    /// What was subtracted from them.
    pub offset: f64,
    /// The line of each.
    pub lines: &'a [u64],
}

impl<I: Iterator<Item = f32> + Clone> Limited<'_, I> {
    /// Notes every number that the column may not hold.
    pub fn check(&self, errors: &mut CellErrors) {
        let is_outside = |number: f32| !number.is_nan() && !self.limit.contains(number);
        if !self.numbers.clone().any(is_outside) {
            return;
        }
        let remedy = self.remedy();
        for (number, line) in self.numbers.clone().zip(self.lines).filter(|(number, _)| is_outside(*number)) {
            let after =
                if self.offset == 0.0 { String::new() } else { format!(" after its `offset` of {}", self.offset) };
            let problem = Problem::Outside { text: format!("{number}{after}"), limit: self.limit.clone(), remedy };
            errors.push(*line, self.name, problem);
        }
    }

    fn remedy(&self) -> Option<Remedy> {
        match self.limit {
            Limit::Token { .. } | Limit::Weight => None,
            Limit::Binary { .. } | Limit::Share { .. } => {
                let mut labels = Vec::new();
                for number in self.numbers.clone().filter(|number| !number.is_nan()) {
                    if !labels.contains(&number) {
                        labels.push(number);
                    }
                    if labels.len() > 2 {
                        break;
                    }
                }
                labels.sort_by(f32::total_cmp);
                match labels[..] {
                    [no, yes] => Some(Remedy::TwoLabels { no, yes }),
                    _ => Some(Remedy::OtherLoss),
                }
            }
        }
    }
}
