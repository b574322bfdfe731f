//! What can be done about wrong cells, in words that say what to write.

use crate::alike::{missing_words_with, missing_words_without};
use crate::fault::{Fault, Problem};
use crate::looks;
use crate::wording::{listed, quoted, spec_name};

/// What can be done about a fault, other than to correct the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remedy {
    /// One-hot encode the column.
    OneHot,
    /// Train a network that tells classes apart.
    Classes,
    /// Leave the column out, since nearly all of its texts differ.
    LeaveOut,
    /// Leave the column out, or compute numbers from its dates.
    Date,
    /// Write a decimal point instead of the comma.
    DecimalPoint,
    /// Write the number without what stands between its thousands.
    Thousands,
    /// Write the number without the percent sign.
    Percent,
    /// Write the number without the sign of a currency.
    Currency,
    /// Write `-` for the minus sign.
    MinusSign,
    /// Say that the text means a missing cell.
    MissingWord,
    /// Correct the few cells of a column of numbers that are texts.
    Correct,
    /// Leave out rows with missing cells.
    Drop,
    /// Write the two labels of the column as 0 and 1.
    TwoLabels {
        /// The smaller label.
        no: f32,
        /// The larger label.
        yes: f32,
    },
    /// Train by a loss that takes such numbers.
    OtherLoss,
}

impl Remedy {
    /// What to do about these faults, of which there is one at least. `words` are those that mean a missing cell, the usual
    /// ones where `None`.
    pub(crate) fn advice(self, faults: &[&Fault], words: Option<&[String]>) -> String {
        let example = faults.first().and_then(|fault| fault.problem.text()).unwrap_or_default();
        let number = looks::notation(example).map(|(_, number)| number).unwrap_or_default();
        match self {
            Remedy::OneHot => {
                let columns = columns(faults).into_iter().map(spec_name).collect::<Vec<_>>().join(", ");
                format!("write `one_hot: [{columns}];` to give each text a column of 0 and 1")
            }
            Remedy::Classes => "labels are for a network with `-> softmax` last and `loss: cross_entropy;`".to_owned(),
            Remedy::LeaveOut => {
                let columns: Vec<String> = columns(faults).into_iter().map(quoted).collect();
                let verb = if columns.len() == 1 { "holds" } else { "hold" };
                format!(
                    "{} {verb} a different text in nearly every row, which tells a network nothing",
                    listed(&columns)
                )
            }
            Remedy::Date => {
                "a network takes numbers: compute some from the date or time, such as days since the first row"
                    .to_owned()
            }
            Remedy::DecimalPoint => format!("write a decimal point instead of the comma: `{number}`"),
            Remedy::Thousands => {
                let decimal = example.replacen(',', ".", 1);
                let is_plain = example.matches(',').count() == 1 && decimal.parse::<f64>().is_ok();
                let other =
                    if is_plain { format!(" (or `{decimal}`, if that is a decimal comma)") } else { String::new() };
                format!("write numbers without a thousands separator: `{number}`{other}")
            }
            Remedy::Percent => format!("write numbers without the percent sign: `{number}`"),
            Remedy::Currency => format!("write numbers without the currency: `{number}`"),
            Remedy::MinusSign => format!("write the minus sign as `-`: `{number}`"),
            Remedy::MissingWord => {
                let marks = marks(faults.iter().copied());
                let words = missing_words_with(words, &marks);
                let pronoun = if marks.len() == 1 { "it means" } else { "these mean" };
                format!("if {pronoun} a missing cell, write `{words}`, and `missing: drop;` to leave such rows out")
            }
            Remedy::Correct => {
                let columns: Vec<String> = columns(faults).into_iter().map(quoted).collect();
                format!("most cells of {} are numbers: correct the others", listed(&columns))
            }
            Remedy::Drop => "write `missing: drop;` to leave such rows out".to_owned(),
            // Two classes that count from 0 are 0 and 1 for `cross_entropy`, too.
            Remedy::TwoLabels { no, yes } if no == 0.0 => {
                format!("the targets hold two labels, {no} and {yes}: write 1 for {yes}")
            }
            Remedy::TwoLabels { no, yes } => format!(
                "the targets hold two labels, {no} and {yes}: write 0 for {no} and 1 for {yes}, or let the network \
                 tell two classes apart by `-> dense(2) -> softmax` last and `loss: cross_entropy;`"
            ),
            Remedy::OtherLoss => "labels of several classes are for `loss: cross_entropy;` with `-> softmax` last, \
                                  numbers of any size for a loss such as `mse`"
                .to_owned(),
        }
    }

    /// Whether it is to take the whole column otherwise.
    pub(crate) fn concerns_column(self) -> bool {
        matches!(self, Remedy::OneHot | Remedy::Classes) || self.leaves_out()
    }

    /// Whether it is to leave the column out.
    pub(crate) fn leaves_out(self) -> bool {
        match self {
            Remedy::LeaveOut | Remedy::Date => true,
            Remedy::OneHot
            | Remedy::Classes
            | Remedy::DecimalPoint
            | Remedy::Thousands
            | Remedy::Percent
            | Remedy::Currency
            | Remedy::MinusSign
            | Remedy::MissingWord
            | Remedy::Correct
            | Remedy::Drop
            | Remedy::TwoLabels { .. }
            | Remedy::OtherLoss => false,
        }
    }
}

/// What to write where texts that mean a missing cell are labels of one of these columns.
pub(crate) fn keep_labels(faults: &[Fault], columns: &[String], words: Option<&[String]>) -> Option<String> {
    let in_columns = |fault: &&Fault| fault.column.as_ref().is_some_and(|column| columns.contains(column));
    let mut labels: Vec<&str> = faults
        .iter()
        .filter(in_columns)
        .filter_map(|fault| match &fault.problem {
            Problem::Missing { text } if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
        .collect();
    labels.sort_unstable();
    labels.dedup();
    if labels.is_empty() {
        return None;
    }
    let quoted: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
    let are = if labels.len() == 1 { "is a label" } else { "are labels" };
    let marks = marks(faults.iter().filter(|fault| fault.problem.remedy() == Some(Remedy::MissingWord)));
    Some(format!("if {} {are}, write `{}`", listed(&quoted), missing_words_without(words, &marks, &labels)))
}

/// The texts of the cells, each once.
fn marks<'a>(faults: impl Iterator<Item = &'a Fault>) -> Vec<&'a str> {
    let mut marks: Vec<&str> = faults.filter_map(|fault| fault.problem.text()).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The columns of faults, each once.
fn columns<'a>(faults: &[&'a Fault]) -> Vec<&'a str> {
    let mut columns: Vec<&str> = Vec::new();
    for column in faults.iter().filter_map(|fault| fault.column.as_deref()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}
