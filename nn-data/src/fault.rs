//! Mistakes in single cells and rows: where each stands, what is wrong, and the remedy.

use std::fmt::{self, Display, Formatter};

use crate::alike;
use crate::limits::Limit;
use crate::looks;
use crate::remedy::{self, Remedy};
use crate::wording::{List, counted, listed, quoted, spec_name};

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

/// The faults of one file or table, in the order of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The first [`Faults::LIMIT`] faults, in the order of their lines.
    pub listed: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
    /// The input columns, where some of them are better left out.
    pub(crate) inputs: Vec<String>,
    /// Those that are better left out.
    pub(crate) left_out: Vec<String>,
    /// The columns of labels.
    pub(crate) labels: Vec<String>,
    /// The words that mean a missing cell; the usual ones where `None`.
    pub(crate) missing_words: Option<Vec<String>>,
    /// Whether each row counts, as where rows are predicted for, so that none is left out.
    pub(crate) keeps_rows: bool,
}

impl Faults {
    /// How many faults are listed; the others are counted.
    pub const LIMIT: usize = 100;

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// How many of them are in one column, so that it does not hide the others.
    pub const LIMIT_PER_COLUMN: usize = 25;

    /// How many of the listed faults an [`Error`](crate::Error) names.
    const NAMED: usize = 10;

    /// How many of these are in one column.
    const NAMED_PER_COLUMN: usize = 3;

    /// How many there are.
    pub fn count(&self) -> usize {
        self.listed.len() + self.more
    }

    pub(crate) fn push(&mut self, line: u64, column: Option<&str>, problem: Problem) {
        let same = |fault: &&Fault| column.is_some() && fault.column.as_deref() == column;
        if self.listed.len() == Faults::LIMIT || self.listed.iter().filter(same).count() == Faults::LIMIT_PER_COLUMN {
            self.more += 1;
            return;
        }
        self.listed.push(Fault { line, column: column.map(str::to_owned), problem });
    }

    /// Notes what helps against texts in the columns of `found`, which are some of the `inputs`.
    pub(crate) fn mend(&mut self, inputs: Vec<String>, found: &[(String, Remedy)]) {
        for fault in &mut self.listed {
            let of_column = found.iter().find(|(name, _)| fault.column.as_ref() == Some(name));
            if let (Some((_, better)), Problem::NotANumber { remedy, .. }) = (of_column, &mut fault.problem)
                && matches!(remedy, Some(Remedy::OneHot | Remedy::Classes))
            {
                *remedy = Some(*better);
            }
        }
        self.inputs = inputs;
        let left_out = found.iter().filter(|(_, remedy)| remedy.leaves_out());
        self.left_out = left_out.map(|(name, _)| name.clone()).collect();
    }

    /// Adds those of another list.
    pub(crate) fn extend(&mut self, others: Faults) {
        for Fault { line, column, problem } in others.listed {
            self.push(line, column.as_deref(), problem);
        }
        self.more += others.more;
    }

    /// Sorts them by their lines.
    pub(crate) fn sort(&mut self) {
        self.listed.sort_by_key(|fault| fault.line);
    }

    /// The listed faults; of a column that is better taken otherwise as a whole, such as one of texts, the first three.
    pub fn shown(&self) -> Vec<&Fault> {
        let mut shown: Vec<&Fault> = Vec::new();
        for fault in &self.listed {
            let of_column = fault.problem.remedy().is_some_and(Remedy::concerns_column);
            let same = |other: &&&Fault| fault.column == other.column;
            if !of_column || shown.iter().filter(same).count() < Faults::NAMED_PER_COLUMN {
                shown.push(fault);
            }
        }
        shown
    }

    /// The faults that are named: no column hides the others.
    fn named(&self) -> Vec<&Fault> {
        let mut named: Vec<&Fault> = Vec::new();
        for fault in &self.listed {
            let same = |other: &&&Fault| fault.column.is_some() && fault.column == other.column;
            if named.len() < Faults::NAMED && named.iter().filter(same).count() < Faults::NAMED_PER_COLUMN {
                named.push(fault);
            }
        }
        named
    }

    /// The faults, one a line, then what helps; `unit` is what a line of the data is called.
    pub(crate) fn describe(&self, unit: &str) -> String {
        let advice = self.advice();
        if let ([fault], 0) = (self.listed.as_slice(), self.more) {
            let parts: Vec<String> = [fault.describe(unit)].into_iter().chain(advice).collect();
            return parts.join("; ");
        }
        let (named, count) = (self.named(), self.count());
        let mut text = format!("{count} mistakes");
        for fault in &named {
            text.push_str(&format!("\n  {}", fault.describe(unit)));
        }
        if count > named.len() {
            text.push_str(&format!("\n  and {} more", count - named.len()));
        }
        for advice in advice {
            text.push_str(&format!("\n  help: {advice}"));
        }
        text
    }

    /// What can be done about the faults, each thing once, in the order in which they call for it.
    pub fn advice(&self) -> Vec<String> {
        let mut remedies: Vec<(Remedy, Vec<&Fault>)> = Vec::new();
        for fault in &self.listed {
            let Some(remedy) = fault.problem.remedy() else { continue };
            match remedies.iter_mut().find(|(known, _)| *known == remedy) {
                None => remedies.push((remedy, vec![fault])),
                Some((_, faults)) => faults.push(fault),
            }
        }
        let mut advice: Vec<String> = Vec::new();
        for (remedy, faults) in remedies {
            if self.keeps_rows && matches!(remedy, Remedy::Drop | Remedy::MissingWord) {
                let line = "each row gets a prediction: write a value, or take the row out".to_owned();
                advice.extend(Some(line).filter(|line| !advice.contains(line)));
                continue;
            }
            let words = self.missing_words.as_deref();
            let selection = remedy.leaves_out().then(|| self.selection()).flatten();
            for line in [Some(remedy.advice(&faults, words)), selection] {
                advice.extend(line.filter(|line| !advice.contains(line)));
            }
            if remedy == Remedy::Drop {
                advice.extend(remedy::keep_labels(&self.listed, &self.labels, words));
            }
        }
        advice
    }

    /// The setting that leaves columns out, where any other is left.
    fn selection(&self) -> Option<String> {
        let kept: Vec<String> =
            self.inputs.iter().filter(|name| !self.left_out.contains(name)).map(|name| spec_name(name)).collect();
        if self.left_out.is_empty() || kept.is_empty() {
            return None;
        }
        let left_out: Vec<String> = self.left_out.iter().map(|name| quoted(name)).collect();
        Some(format!("write `columns: [{}];` to leave out {}", kept.join(", "), listed(&left_out)))
    }
}

impl Fault {
    /// Where it is and what is wrong; `unit` is what a line of the data is called.
    pub fn describe(&self, unit: &str) -> String {
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
    /// The text of the cell, where that is what is wrong.
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

    /// What can be done about it, if anything but to correct the file.
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
