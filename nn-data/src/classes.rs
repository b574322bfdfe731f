//! Labels of classes in, class numbers out, by the rules of [`TargetKind::Class`].
//!
//! [`TargetKind::Class`]: crate::TargetKind::Class

use crate::cell_errors::CellErrors;
use crate::error::Error;
use crate::labels::Labels;
use crate::origin::Origin;
use crate::problem::Problem;

/// A target column of classes.
pub(crate) struct ClassColumn<'a> {
    pub origin: &'a Origin,
    /// The column's name, where there are columns.
    pub name: Option<&'a str>,
    /// The line of each row.
    pub lines: &'a [u64],
    pub labels: Labels,
}

/// The names of the classes, and the class of each row.
pub(crate) struct Classes {
    pub names: Vec<String>,
    pub rows: Vec<usize>,
}

impl ClassColumn<'_> {
    /// Numbers the classes for a network of `classes` classes, if that is known.
    pub fn number(self, classes: Option<usize>) -> Result<Classes, Error> {
        if self.labels.closed {
            return Ok(self.keep());
        }
        let integers: Option<Vec<usize>> = self.labels.names.iter().map(|name| integer(name)).collect();
        let found = self.labels.names.len();
        let (least, greatest) = match &integers {
            Some(numbers) => (numbers.iter().min().copied().unwrap_or(0), numbers.iter().max().copied().unwrap_or(0)),
            None => (1, usize::MAX),
        };
        match classes {
            None if greatest < found => Ok(self.keep_numbers(found)),
            None => Ok(self.sorted()),
            Some(classes) if greatest < classes => Ok(self.keep_numbers(classes)),
            Some(classes) if least == 0 => Err(self.outside(classes)),
            Some(classes) if found > classes => Err(self.too_many(classes)),
            Some(classes) if found < classes => Err(self.too_few(classes)),
            Some(_) => Ok(self.sorted()),
        }
    }

    fn keep(self) -> Classes {
        Classes { names: self.labels.names, rows: self.labels.rows }
    }

    /// The labels are class numbers below `classes`.
    fn keep_numbers(mut self, classes: usize) -> Classes {
        self.labels.renumber((0..classes).map(|class| class.to_string()).collect());
        self.keep()
    }

    fn sorted(self) -> Classes {
        let labels = self.labels.sorted();
        Classes { names: labels.names, rows: labels.rows }
    }

    /// The labels count from 0, and some reach the number of classes.
    fn outside(self, classes: usize) -> Error {
        let mut errors = CellErrors::default();
        for (&line, &row) in self.lines.iter().zip(&self.labels.rows) {
            let label = &self.labels.names[row];
            if integer(label).is_some_and(|number| number >= classes) {
                let label = label.clone();
                errors.push(line, self.name, Problem::OutsideClasses { label, classes });
            }
        }
        self.refuse(errors)
    }

    /// There are more labels than classes; labels are numbered by first sight, so the first too
    /// many has the number `classes`.
    fn too_many(self, classes: usize) -> Error {
        let mut errors = CellErrors::default();
        let mut seen = classes;
        for (&line, &row) in self.lines.iter().zip(&self.labels.rows) {
            if row == seen {
                seen += 1;
                let problem = Problem::TooManyClasses {
                    label: self.labels.names[row].clone(),
                    classes,
                    known: self.labels.names[..classes].to_vec(),
                };
                errors.push(line, self.name, problem);
            }
        }
        self.refuse(errors)
    }

    fn too_few(self, classes: usize) -> Error {
        Error::TooFewClasses {
            origin: self.origin.clone(),
            column: self.name.map(str::to_owned),
            labels: self.labels.sorted().names,
            classes,
            dropped: 0,
        }
    }

    fn refuse(self, errors: CellErrors) -> Error {
        Error::Cells { origin: self.origin.clone(), errors: Box::new(errors) }
    }
}

/// The class number that a label writes; `01` and `+1` are texts.
fn integer(label: &str) -> Option<usize> {
    label.parse().ok().filter(|number: &usize| number.to_string() == label)
}
