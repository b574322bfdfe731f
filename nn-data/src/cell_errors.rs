//! All wrong cells and rows of a file or table, and what to do about them.

use crate::advice;
use crate::problem::{CellError, Problem};
use crate::remedy::Remedy;
use crate::wording::{listed, quoted, spec_name};

/// The errors of one file or table, in the order of its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellErrors {
    /// The first [`CellErrors::LIMIT`] errors, in the order of their lines.
    pub listed: Vec<CellError>,
    /// How many more there are.
    pub more: usize,
    /// The input columns, if some of them should be left out.
    pub(crate) inputs: Vec<String>,
    /// The ones that should be left out.
    pub(crate) left_out: Vec<String>,
    /// The columns of labels.
    pub(crate) labels: Vec<String>,
    /// The words that mean a missing cell; the usual ones where `None`.
    pub(crate) missing_words: Option<Vec<String>>,
    /// Whether every row is needed, as for predictions, so that none is left out.
    pub(crate) keeps_rows: bool,
}

impl CellErrors {
    /// How many errors are listed; the others are counted.
    pub const LIMIT: usize = 100;

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// How many of them are in one column, so that it does not hide the others.
    pub const LIMIT_PER_COLUMN: usize = 25;

    /// How many of the listed errors an [`Error`](crate::Error) names.
    const NAMED: usize = 10;

    /// How many of these are in one column.
    const NAMED_PER_COLUMN: usize = 3;

    /// How many there are.
    pub fn count(&self) -> usize {
        self.listed.len() + self.more
    }

    pub(crate) fn push(&mut self, line: u64, column: Option<&str>, problem: Problem) {
        let same = |error: &&CellError| column.is_some() && error.column.as_deref() == column;
        if self.listed.len() == CellErrors::LIMIT
            || self.listed.iter().filter(same).count() == CellErrors::LIMIT_PER_COLUMN
        {
            self.more += 1;
            return;
        }
        self.listed.push(CellError { line, column: column.map(str::to_owned), problem });
    }

    /// Notes what to do about texts in the columns of `found`, which are some of the `inputs`.
    pub(crate) fn note_remedies(&mut self, inputs: Vec<String>, found: &[(String, Remedy)]) {
        for error in &mut self.listed {
            let of_column = found.iter().find(|(name, _)| error.column.as_ref() == Some(name));
            if let (Some((_, better)), Problem::NotANumber { remedy, .. }) = (of_column, &mut error.problem)
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
    pub(crate) fn extend(&mut self, others: CellErrors) {
        for CellError { line, column, problem } in others.listed {
            self.push(line, column.as_deref(), problem);
        }
        self.more += others.more;
    }

    /// Sorts them by their lines.
    pub(crate) fn sort(&mut self) {
        self.listed.sort_by_key(|error| error.line);
    }

    /// The listed errors; of a column that needs another use as a whole, such as one of texts, only
    /// the first three.
    pub fn shown(&self) -> Vec<&CellError> {
        let mut shown: Vec<&CellError> = Vec::new();
        for error in &self.listed {
            let of_column = error.problem.remedy().is_some_and(Remedy::concerns_column);
            let same = |other: &&&CellError| error.column == other.column;
            if !of_column || shown.iter().filter(same).count() < CellErrors::NAMED_PER_COLUMN {
                shown.push(error);
            }
        }
        shown
    }

    /// The errors that are named: no column hides the others.
    fn named(&self) -> Vec<&CellError> {
        let mut named: Vec<&CellError> = Vec::new();
        for error in &self.listed {
            let same = |other: &&&CellError| error.column.is_some() && error.column == other.column;
            if named.len() < CellErrors::NAMED && named.iter().filter(same).count() < CellErrors::NAMED_PER_COLUMN {
                named.push(error);
            }
        }
        named
    }

    /// The errors, one a line, then the advice; `unit` is what a line of the data is called.
    pub(crate) fn describe(&self, unit: &str) -> String {
        let advice = self.advice();
        if let ([error], 0) = (self.listed.as_slice(), self.more) {
            let parts: Vec<String> = [error.describe(unit)].into_iter().chain(advice).collect();
            return parts.join("; ");
        }
        let (named, count) = (self.named(), self.count());
        let mut text = format!("{count} mistakes");
        for error in &named {
            text.push_str(&format!("\n  {}", error.describe(unit)));
        }
        if count > named.len() {
            text.push_str(&format!("\n  and {} more", count - named.len()));
        }
        for advice in advice {
            text.push_str(&format!("\n  help: {advice}"));
        }
        text
    }

    /// What can be done about the errors, each remedy once, in the order of the errors.
    pub fn advice(&self) -> Vec<String> {
        let mut remedies: Vec<(Remedy, Vec<&CellError>)> = Vec::new();
        for error in &self.listed {
            let Some(remedy) = error.problem.remedy() else { continue };
            match remedies.iter_mut().find(|(known, _)| *known == remedy) {
                None => remedies.push((remedy, vec![error])),
                Some((_, errors)) => errors.push(error),
            }
        }
        let mut advice: Vec<String> = Vec::new();
        for (remedy, errors) in remedies {
            if self.keeps_rows && matches!(remedy, Remedy::Drop | Remedy::MissingWord) {
                let line = "each row gets a prediction: write a value, or remove the row".to_owned();
                advice.extend(Some(line).filter(|line| !advice.contains(line)));
                continue;
            }
            let words = self.missing_words.as_deref();
            let selection = remedy.leaves_out().then(|| self.selection()).flatten();
            for line in [Some(advice::describe(remedy, &errors, words)), selection] {
                advice.extend(line.filter(|line| !advice.contains(line)));
            }
            if remedy == Remedy::Drop {
                advice.extend(advice::keep_labels(&self.listed, &self.labels, words));
            }
        }
        advice
    }

    /// The setting that leaves columns out, if others remain.
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
