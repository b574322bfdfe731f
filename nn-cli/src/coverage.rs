//! Which classes have rows to train and to validate with: what has none is neither learned nor measured. The answers of
//! an output that says yes or no are classes, too.

use nn_compiler::model::TargetRange;
use nn_data::{TargetColumn, Targets};

use crate::arrays::Rows;
use crate::examples::Parts;
use crate::spec::Spec;
use crate::wording::few_quoted;

/// What is to be said of the classes of some examples, a sentence each.
pub fn notes(spec: &Spec, parts: &Parts) -> Vec<String> {
    let tellers = tellers(spec, parts);
    let mut notes = Vec::new();
    for Teller { output, column, nouns: [noun, nouns], names } in &tellers {
        let counts = |rows| counts(rows, *column, names.len());
        let (Some(train), Some(validation)) = (counts(&parts.train), counts(&parts.validation)) else { continue };
        let of = if tellers.len() > 1 { format!(" of `{output}`") } else { String::new() };
        let mut note = |what: &str, concerns: fn(usize, usize) -> bool| {
            let rows = train.iter().zip(&validation);
            let concerned = names.iter().zip(rows).filter(|(_, (train, validation))| concerns(**train, **validation));
            let classes: Vec<&str> = concerned.map(|(name, _)| name.as_str()).collect();
            let any = if classes.len() == 1 { format!("the {noun}") } else { format!("any of the {nouns}") };
            if !classes.is_empty() {
                notes.push(format!("no {what} has {any}{of} {}", few_quoted(&classes)));
            }
        };
        note("row", |train, validation| train + validation == 0);
        note("row to train with", |train, validation| train == 0 && validation > 0);
        if !parts.validation.is_empty() {
            note("validation row", |train, validation| train > 0 && validation == 0);
        }
    }
    notes
}

/// An output that tells classes apart.
struct Teller<'a> {
    output: &'a str,
    /// Its target column.
    column: usize,
    /// What one class is called, and several.
    nouns: [&'static str; 2],
    names: Vec<String>,
}

fn tellers<'a>(spec: &'a Spec, parts: &Parts) -> Vec<Teller<'a>> {
    let model = &spec.compiled.model;
    let mut classes = parts.train.table().encoding.classes.iter();
    let (mut tellers, mut column) = (Vec::new(), 0);
    for (at, (target, width)) in spec.targets().enumerate() {
        let term = model.train.as_ref().and_then(|train| train.narrowest_term(at));
        let told = match term.map_or(TargetRange::Number, |term| term.loss.target_range()) {
            TargetRange::Class => classes.next().map(|names| (["class", "classes"], names.clone())),
            TargetRange::Binary | TargetRange::Share if width == 1 => {
                Some((["answer", "answers"], vec!["0".to_owned(), "1".to_owned()]))
            }
            TargetRange::Binary | TargetRange::Share | TargetRange::Number => None,
        };
        let output = model.output_name(target);
        tellers.extend(told.map(|(nouns, names)| Teller { output, column, nouns, names }));
        column += if target.is_class { 1 } else { width };
    }
    tellers
}

/// How many rows each class has; `None` where a target is between 0 and 1.
fn counts(rows: &Rows, column: usize, classes: usize) -> Option<Vec<usize>> {
    let mut counts = vec![0; classes];
    for row in rows.numbers() {
        *counts.get_mut(class(&rows.table().targets, column, row)?)? += 1;
    }
    Some(counts)
}

/// The class of a row.
fn class(targets: &Targets, column: usize, row: usize) -> Option<usize> {
    let of_number = |number: f32| (number == 0.0 || number == 1.0).then_some(number as usize);
    match targets {
        Targets::Classes(classes) => classes.get(row).copied(),
        Targets::Numbers(numbers) => numbers.get([row, column]).copied().and_then(of_number),
        Targets::Columns(columns) => match columns.get(column)? {
            TargetColumn::Classes(classes) => classes.get(row).copied(),
            TargetColumn::Numbers(numbers) => numbers.get(row).copied().and_then(of_number),
        },
        Targets::None => None,
    }
}
