//! What is wrong with a single cell or row, and where.

use std::fmt::{self, Display, Formatter};

use crate::alike;
use crate::limit::Limit;
use crate::looks;
use crate::remedy::Remedy;
use crate::wording::{List, counted, quoted};

/// One wrong cell or row.
#[derive(Clone, Debug, PartialEq)]
pub struct CellError {
    /// The line in the file, from 1; for examples without a file, the number of the example,
    /// from 1.
    pub line: u64,
    /// The column, where the error is in one cell.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a cell or row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The cell is empty, or holds the given mark for a missing value.
    Missing {
        /// The text of the cell.
        text: String,
    },
    /// The cell holds text where a number is wanted.
    NotANumber {
        /// The text of the cell.
        text: String,
        /// What can be done about it.
        remedy: Option<Remedy>,
    },
    /// The cell holds an infinite number, or one beyond the range of `f32`.
    OutOfRange {
        /// The text of the cell.
        text: String,
    },
    /// The category does not occur in the encoding.
    UnknownCategory {
        /// The text of the cell.
        text: String,
        /// The categories of the encoding.
        known: Vec<String>,
    },
    /// The class does not occur in the encoding.
    UnknownClass {
        /// The text of the cell.
        text: String,
        /// The classes of the encoding.
        known: Vec<String>,
    },
    /// The number of a class is not a whole number, or too large.
    NotALabel {
        /// The number.
        text: String,
    },
    /// The label is an integer that reaches the number of classes.
    OutsideClasses {
        /// The label.
        label: String,
        /// How many classes the network has.
        classes: usize,
    },
    /// The label is one more than the network has classes.
    TooManyClasses {
        /// The label.
        label: String,
        /// How many classes the network has.
        classes: usize,
        /// The labels before it.
        known: Vec<String>,
    },
    /// The number is not one that the column may hold.
    Outside {
        /// The number.
        text: String,
        /// Which numbers the column may hold.
        limit: Limit,
        /// What can be done about it.
        remedy: Option<Remedy>,
    },
    /// The row has another number of cells than the rows before it.
    CellCount {
        /// How many cells the row has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
}

impl CellError {
    /// Where it is and what is wrong; `unit` is what a line of the data is called.
    pub fn describe(&self, unit: &str) -> String {
        let CellError { line, column, problem } = self;
        match column {
            Some(column) => format!("{unit} {line}, column {}: {problem}", quoted(column)),
            None => format!("{unit} {line}: {problem}"),
        }
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Missing { text } if text.is_empty() => f.write_str("the cell is empty"),
            Problem::Missing { text } => {
                write!(f, "the cell is {}, a missing value", quoted(text))
            }
            Problem::NotANumber { text, remedy: Some(Remedy::Date) } => {
                let what = if looks::is_time(text) { "time" } else { "date" };
                write!(f, "{} is a {what}, not a number", quoted(text))
            }
            Problem::NotANumber { text, .. } => write!(f, "{} is not a number", quoted(text)),
            Problem::OutOfRange { text } => {
                write!(f, "{} is beyond the range of `f32`, ±3.4e38", quoted(text))
            }
            Problem::UnknownCategory { text, known } => {
                write!(f, "{} is not one of the categories {}", quoted(text), List(known))?;
                mean(f, text, known)
            }
            Problem::UnknownClass { text, known } => {
                write!(f, "{} is not one of the classes {}", quoted(text), List(known))?;
                mean(f, text, known)
            }
            Problem::NotALabel { text } => {
                write!(f, "{text} is not a class: classes are whole numbers, counted from 0")
            }
            Problem::OutsideClasses { label, classes } => write!(
                f,
                "{} is a label outside the classes: the network has {}, 0 to {}",
                quoted(label),
                counted(*classes, "class"),
                classes.saturating_sub(1)
            ),
            Problem::TooManyClasses { label, classes, known } => write!(
                f,
                "{} is a label outside the classes: the network has {}, and the rows before have {}",
                quoted(label),
                counted(*classes, "class"),
                List(known)
            )
            .and_then(|()| mean(f, label, known)),
            Problem::Outside { text, limit, .. } => write!(f, "the number is {text}, but {limit}"),
            Problem::CellCount { found, expected } => {
                write!(f, "{} where {expected} should be", counted(*found, "cell"))
            }
        }
    }
}

impl Problem {
    /// The text of the cell, if that is what is wrong.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Problem::Missing { text }
            | Problem::NotANumber { text, .. }
            | Problem::OutOfRange { text }
            | Problem::UnknownCategory { text, .. }
            | Problem::UnknownClass { text, .. }
            | Problem::NotALabel { text }
            | Problem::Outside { text, .. } => Some(text),
            Problem::OutsideClasses { .. } | Problem::TooManyClasses { .. } | Problem::CellCount { .. } => None,
        }
    }

    /// What can be done about it, other than to correct the file.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Problem::Missing { .. } => Some(Remedy::Drop),
            Problem::NotANumber { remedy, .. } | Problem::Outside { remedy, .. } => *remedy,
            Problem::OutOfRange { .. }
            | Problem::UnknownCategory { .. }
            | Problem::UnknownClass { .. }
            | Problem::NotALabel { .. }
            | Problem::OutsideClasses { .. }
            | Problem::TooManyClasses { .. }
            | Problem::CellCount { .. } => None,
        }
    }
}

fn mean(f: &mut Formatter<'_>, text: &str, known: &[String]) -> fmt::Result {
    match alike::meant(text, known) {
        Some(meant) => write!(f, "; did you mean {}?", quoted(meant)),
        None => Ok(()),
    }
}
