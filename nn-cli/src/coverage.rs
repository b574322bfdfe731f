//! Which classes have rows to train and to validate with: what has none is neither learned nor measured.

use nn_data::{TargetColumn, Targets};

use crate::arrays::Rows;
use crate::error::counted;
use crate::examples::Parts;
use crate::spec::Spec;

/// What is to be said of the classes of some examples, a sentence each.
pub fn notes(spec: &Spec, parts: &Parts) -> Vec<String> {
    let outputs: Vec<&str> = class_outputs(spec).collect();
    let mut notes = Vec::new();
    for (at, (output, names)) in outputs.iter().zip(&parts.train.table().encoding.classes).enumerate() {
        let of = if outputs.len() > 1 { format!(" of `{output}`") } else { String::new() };
        let rows: Vec<(usize, usize)> = {
            let count = |rows| counts(rows, at, names.len());
            count(&parts.train).into_iter().zip(count(&parts.validation)).collect()
        };
        let mut note = |what: &str, concerns: fn((usize, usize)) -> bool| {
            let classes: Vec<&str> =
                names.iter().zip(&rows).filter(|(_, rows)| concerns(**rows)).map(|(name, _)| name.as_str()).collect();
            let noun = if classes.len() == 1 { "the class" } else { "any of the classes" };
            if !classes.is_empty() {
                notes.push(format!("no {what} has {noun}{of} {}", listed(&classes)));
            }
        };
        note("row", |rows| rows == (0, 0));
        note("row to train with", |(train, validation)| train == 0 && validation > 0);
        if !parts.validation.is_empty() {
            note("validation row", |(train, validation)| train > 0 && validation == 0);
        }
    }
    notes
}

/// The outputs that tell classes apart.
fn class_outputs(spec: &Spec) -> impl Iterator<Item = &str> {
    let model = &spec.compiled.model;
    spec.targets().filter(|(target, _)| target.is_class).map(|(target, _)| model.output_name(target))
}

/// How many rows each class has, of the class targets the one of this index.
fn counts(rows: &Rows, at: usize, classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    let mut count = |of_rows: &[usize]| rows.numbers().for_each(|row| counts[of_rows[row]] += 1);
    match &rows.table().targets {
        Targets::Classes(of_rows) => count(of_rows),
        Targets::Columns(columns) => {
            let of_classes = |column| match column {
                &TargetColumn::Classes(ref of_rows) => Some(of_rows),
                TargetColumn::Numbers(_) => None,
            };
            columns.iter().filter_map(of_classes).nth(at).into_iter().for_each(|of_rows| count(of_rows));
        }
        Targets::Numbers(_) | Targets::None => {}
    }
    counts
}

/// Names in a row, cut where they are many.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {}", shown.join(", "), counted(more, "other")),
    }
}
