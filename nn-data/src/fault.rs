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
    /// The number of a class is no whole number, or too large for one.
    NotALabel {
        /// The number.
        text: String,
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

/// What can be done about a fault, other than to correct the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// One-hot encode the column.
    OneHot,
    /// Train a network that tells classes apart.
    Classes,
    /// Write a decimal point instead of the comma.
    DecimalPoint,
    /// Leave out rows with missing cells.
    Drop,
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

    /// How many of them are in one column, so that it does not hide the others.
    pub const LIMIT_PER_COLUMN: usize = 3;

    pub(crate) fn push(&mut self, line: u64, column: Option<&str>, problem: Problem) {
        let same = |fault: &&Fault| column.is_some() && fault.column.as_deref() == column;
        if self.listed.len() == Faults::LIMIT || self.listed.iter().filter(same).count() == Faults::LIMIT_PER_COLUMN {
            self.more += 1;
            return;
        }
        self.listed.push(Fault { line, column: column.map(str::to_owned), problem });
    }

    /// The faults, one a line, then what helps; `unit` is what a line of the data is called.
    pub(crate) fn describe(&self, unit: &str) -> String {
        let advice = self.advice();
        if let ([fault], 0) = (self.listed.as_slice(), self.more) {
            let parts: Vec<String> = [fault.describe(unit)].into_iter().chain(advice).collect();
            return parts.join("; ");
        }
        let mut text = format!("{} mistakes", self.listed.len() + self.more);
        for fault in &self.listed {
            text.push_str(&format!("\n  {}", fault.describe(unit)));
        }
        if self.more > 0 {
            text.push_str(&format!("\n  and {} more", self.more));
        }
        for advice in advice {
            text.push_str(&format!("\n  help: {advice}"));
        }
        text
    }

    /// What can be done about the faults, each thing once, in the order in which they call for it.
    fn advice(&self) -> Vec<String> {
        let mut remedies: Vec<(Remedy, Vec<&str>)> = Vec::new();
        for fault in &self.listed {
            let Some(remedy) = fault.problem.remedy() else {
                continue;
            };
            let column = fault.column.as_deref().unwrap_or_default();
            match remedies.iter_mut().find(|(known, _)| *known == remedy) {
                None => remedies.push((remedy, vec![column])),
                Some((_, columns)) if !columns.contains(&column) => columns.push(column),
                Some(_) => {}
            }
        }
        remedies.into_iter().map(|(remedy, columns)| remedy.advice(&columns)).collect()
    }
}

impl Fault {
    fn describe(&self, unit: &str) -> String {
        let Fault { line, column, problem } = self;
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
            Problem::NotANumber { text, .. } => write!(f, "{} is not a number", quoted(text)),
            Problem::OutOfRange { text } => {
                write!(f, "{} is beyond the range of `f32`, ±3.4e38", quoted(text))
            }
            Problem::UnknownCategory { text, known } => {
                let (text, known) = (quoted(text), List(known));
                write!(f, "{text} is not one of the categories {known}")
            }
            Problem::UnknownClass { text, known } => {
                write!(f, "{} is not one of the classes {}", quoted(text), List(known))
            }
            Problem::NotALabel { text } => {
                write!(f, "{text} is no class: classes are whole numbers, counted from 0")
            }
            Problem::OutsideClasses { label, classes } => write!(
                f,
                "{} is a label outside the classes: the network tells {classes} apart, 0 to {}",
                quoted(label),
                classes.saturating_sub(1)
            ),
            Problem::TooManyClasses { label, classes, known } => write!(
                f,
                "{} is a label outside the classes: the network tells {classes} apart, \
                 and the rows before have {}",
                quoted(label),
                List(known)
            ),
            Problem::CellCount { found, expected } => {
                write!(f, "{} where {expected} should be", counted(*found, "cell"))
            }
        }
    }
}

impl Problem {
    /// What can be done about it, if anything but to correct the file.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Problem::Missing { .. } => Some(Remedy::Drop),
            Problem::NotANumber { remedy, .. } => *remedy,
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

impl Remedy {
    fn advice(self, columns: &[&str]) -> String {
        match self {
            Remedy::OneHot => {
                format!("write `one_hot: [{}];` to give each text a column of 0 and 1", columns.join(", "))
            }
            Remedy::Classes => "labels are for a network with `-> softmax` last and `loss: cross_entropy;`".to_owned(),
            Remedy::DecimalPoint => "write a decimal point instead of the comma".to_owned(),
            Remedy::Drop => "write `missing: drop;` to leave such rows out".to_owned(),
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
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
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
