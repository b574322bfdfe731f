//! Mistakes in single cells and rows: where each stands, what is wrong, and the remedy.

use std::fmt::{self, Display, Formatter};

/// One wrong cell or row.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line in the file, from 1; for examples without a file, the number of the example, from 1.
    pub line: u64,
    /// The column, where the fault is in one cell.
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
        remedy: Remedy,
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
    /// The label is an integer that reaches the number of classes.
    OutsideClasses {
        /// The label.
        label: String,
        /// How many classes the network tells apart.
        classes: usize,
    },
    /// The label is one more than the network has classes.
    TooManyClasses {
        /// The label.
        label: String,
        /// How many classes the network tells apart.
        classes: usize,
        /// The labels that stand before it.
        known: Vec<String>,
    },
    /// The row has another number of cells than the rows before it.
    CellCount {
        /// How many cells the row has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
}

/// What can be done about text where a number is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// One-hot encode the column.
    OneHot,
    /// Train a network that tells classes apart.
    Classes,
    /// Write a decimal point instead of the comma.
    DecimalPoint,
    /// None is known: the network was trained with numbers in this column.
    None,
}

/// The faults of one file or table, in the order of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The first [`Faults::LIMIT`] faults.
    pub listed: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
}

impl Faults {
    /// How many faults are listed; the others are counted.
    pub const LIMIT: usize = 10;

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    pub(crate) fn push(&mut self, line: u64, column: Option<&str>, problem: Problem) {
        if self.listed.len() == Faults::LIMIT {
            self.more += 1;
            return;
        }
        self.listed.push(Fault {
            line,
            column: column.map(str::to_owned),
            problem,
        });
    }

    /// The faults, one a line, each line of the data called by `unit`.
    pub(crate) fn describe(&self, unit: &str) -> String {
        let one = |fault: &Fault| match &fault.column {
            Some(column) => format!(
                "{unit} {}, column {}: {}",
                fault.line,
                quoted(column),
                fault.problem.describe(column)
            ),
            None => format!("{unit} {}: {}", fault.line, fault.problem.describe("")),
        };
        if let ([fault], 0) = (self.listed.as_slice(), self.more) {
            return one(fault);
        }
        let mut text = format!("{} mistakes", self.listed.len() + self.more);
        for fault in &self.listed {
            text.push_str("\n  ");
            text.push_str(&one(fault));
        }
        if self.more > 0 {
            text.push_str(&format!("\n  and {} more", self.more));
        }
        text
    }
}

impl Problem {
    fn describe(&self, column: &str) -> String {
        match self {
            Problem::Missing { text } => {
                let what = if text.is_empty() {
                    "the cell is empty".to_owned()
                } else {
                    format!("the cell is {}, a missing value", quoted(text))
                };
                format!("{what}; write `missing: drop;` to leave such rows out")
            }
            Problem::NotANumber { text, remedy } => {
                format!("{} is not a number{}", quoted(text), remedy.advice(column))
            }
            Problem::OutOfRange { text } => {
                format!("{} is beyond the range of `f32`, ±3.4e38", quoted(text))
            }
            Problem::UnknownCategory { text, known } => {
                format!(
                    "{} is not one of the categories {}",
                    quoted(text),
                    List(known)
                )
            }
            Problem::UnknownClass { text, known } => {
                format!("{} is not one of the classes {}", quoted(text), List(known))
            }
            Problem::OutsideClasses { label, classes } => format!(
                "{} is a label outside the classes: the network tells {classes} apart, 0 to {}",
                quoted(label),
                classes.saturating_sub(1)
            ),
            Problem::TooManyClasses {
                label,
                classes,
                known,
            } => format!(
                "{} is a label outside the classes: the network tells {classes} apart, and the rows before have {}",
                quoted(label),
                List(known)
            ),
            Problem::CellCount { found, expected } => {
                format!("{} where {expected} should be", counted(*found, "cell"))
            }
        }
    }
}

impl Remedy {
    fn advice(self, column: &str) -> String {
        match self {
            Remedy::OneHot => format!(
                "; write `one_hot: [{column}];` to give each of its texts a column of 0 and 1"
            ),
            Remedy::Classes => {
                "; labels are for a network with `-> softmax` last and `loss: cross_entropy;`"
                    .to_owned()
            }
            Remedy::DecimalPoint => "; write a decimal point instead of the comma".to_owned(),
            Remedy::None => "; the network was trained with numbers in this column".to_owned(),
        }
    }
}

/// `1 cell`, `2 cells`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The text between backticks, on one line and cut where it is long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(char::escape_debug)
        .collect();
    // Apostrophes and quotes need no escape between backticks.
    shown = shown.replace("\\'", "'").replace("\\\"", "\"");
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Names in a row, cut where they are many.
pub(crate) struct List<'a>(pub &'a [String]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const MOST: usize = 12;
        for (i, name) in self.0.iter().take(MOST).enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{}", quoted(name))?;
        }
        match self.0.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
