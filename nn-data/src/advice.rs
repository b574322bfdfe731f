//! Remedies in words: what to write instead.

use crate::alike::{missing_words_with, missing_words_without};
use crate::looks;
use crate::problem::{CellError, Problem};
use crate::remedy::Remedy;
use crate::wording::{listed, quoted, spec_name};

/// What to do about these errors, of which there is at least one. `words` are those that mean a
/// missing cell; the default ones if `None`.
pub(crate) fn describe(remedy: Remedy, errors: &[&CellError], words: Option<&[String]>) -> String {
    let example = errors.first().and_then(|error| error.problem.text()).unwrap_or_default();
    let number = looks::notation(example).map(|(_, number)| number).unwrap_or_default();
    match remedy {
        Remedy::OneHot => {
            let columns = columns(errors).into_iter().map(spec_name).collect::<Vec<_>>().join(", ");
            format!("write `one_hot: [{columns}];` to give each text a column of 0 and 1")
        }
        Remedy::Classes => "labels are for a network with `-> softmax` last and `loss: cross_entropy;`".to_owned(),
        Remedy::LeaveOut => {
            let columns: Vec<String> = columns(errors).into_iter().map(quoted).collect();
            let verb = if columns.len() == 1 { "holds" } else { "hold" };
            format!(
                "{} {verb} a different text in nearly every row, so a network cannot learn from it",
                listed(&columns)
            )
        }
        Remedy::Date => {
            "a network takes numbers: compute some from the date or time, such as days since the first row".to_owned()
        }
        Remedy::DecimalPoint => format!("write a decimal point instead of the comma: `{number}`"),
        Remedy::Thousands => {
            let decimal = example.replacen(',', ".", 1);
            let is_plain = example.matches(',').count() == 1 && decimal.parse::<f64>().is_ok();
            let other = if is_plain { format!(" (or `{decimal}`, if that is a decimal comma)") } else { String::new() };
            format!("write numbers without a thousands separator: `{number}`{other}")
        }
        Remedy::Percent => format!("write numbers without the percent sign: `{number}`"),
        Remedy::Currency => format!("write numbers without the currency: `{number}`"),
        Remedy::MinusSign => format!("write the minus sign as `-`: `{number}`"),
        Remedy::MissingWord => {
            let marks = marks(errors.iter().copied());
            let words = missing_words_with(words, &marks);
            let pronoun = if marks.len() == 1 { "it means" } else { "these mean" };
            format!("if {pronoun} a missing cell, write `{words}`, and `missing: drop;` to leave such rows out")
        }
        Remedy::Correct => {
            let columns: Vec<String> = columns(errors).into_iter().map(quoted).collect();
            format!("most cells of {} are numbers: correct the others", listed(&columns))
        }
        Remedy::Drop => "write `missing: drop;` to leave such rows out".to_owned(),
        // Two classes that count from 0 are 0 and 1 for `cross_entropy`, too.
        Remedy::TwoLabels { no, yes } if no == 0.0 => {
            format!("the targets hold two labels, {no} and {yes}: write 1 for {yes}")
        }
        Remedy::TwoLabels { no, yes } => format!(
            "the targets hold two labels, {no} and {yes}: write 0 for {no} and 1 for {yes}, or end the \
             network in `dense(2) -> softmax` and use `loss: cross_entropy;`"
        ),
        Remedy::OtherLoss => "labels of several classes are for `loss: cross_entropy;` with `-> softmax` last, \
                              numbers of any size for a loss such as `mse`"
            .to_owned(),
    }
}

/// What to write if labels of one of these columns may mean a missing cell.
pub(crate) fn keep_labels(errors: &[CellError], columns: &[String], words: Option<&[String]>) -> Option<String> {
    let in_columns = |error: &&CellError| error.column.as_ref().is_some_and(|column| columns.contains(column));
    let mut labels: Vec<&str> = errors
        .iter()
        .filter(in_columns)
        .filter_map(|error| match &error.problem {
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
    let marks = marks(errors.iter().filter(|error| error.problem.remedy() == Some(Remedy::MissingWord)));
    Some(format!("if {} {are}, write `{}`", listed(&quoted), missing_words_without(words, &marks, &labels)))
}

/// The texts of the cells, each once.
fn marks<'a>(errors: impl Iterator<Item = &'a CellError>) -> Vec<&'a str> {
    let mut marks: Vec<&str> = errors.filter_map(|error| error.problem.text()).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The columns of errors, each once.
fn columns<'a>(errors: &[&'a CellError]) -> Vec<&'a str> {
    let mut columns: Vec<&str> = Vec::new();
    for column in errors.iter().filter_map(|error| error.column.as_deref()) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}
