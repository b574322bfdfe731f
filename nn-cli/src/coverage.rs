//! Which classes have training and validation rows. A class without rows is neither learned nor
//! measured. The labels 0 and 1 of a binary output count as classes too.

use nn_compiler::model::TargetRange;
use nn_data::{TargetColumn, Targets};

use crate::arrays::Rows;
use crate::examples::Parts;
use crate::spec::Spec;
use crate::wording::few_quoted;

/// Notes about classes without rows.
pub fn notes(spec: &Spec, parts: &Parts) -> Vec<String> {
    let classifiers = classifiers(spec, parts);
    let mut notes = Vec::new();
    for Classifier { output, column, nouns: [noun, nouns], names } in &classifiers {
        let counts = |rows| counts(rows, *column, names.len());
        let (Some(train), Some(validation)) = (counts(&parts.train), counts(&parts.validation)) else { continue };
        let of = if classifiers.len() > 1 { format!(" of `{output}`") } else { String::new() };
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
        note("training row", |train, validation| train == 0 && validation > 0);
        if !parts.validation.is_empty() {
            note("validation row", |train, validation| train > 0 && validation == 0);
        }
    }
    notes
}

/// An output that predicts classes.
struct Classifier<'a> {
    output: &'a str,
    /// Its target column.
    column: usize,
    /// The words for one class and for several.
    nouns: [&'static str; 2],
    names: Vec<String>,
}

fn classifiers<'a>(spec: &'a Spec, parts: &Parts) -> Vec<Classifier<'a>> {
    let model = &spec.compiled.model;
    let mut class_names = parts.train.table().encoding.classes.iter();
    let (mut classifiers, mut column) = (Vec::new(), 0);
    for (at, (target, width)) in spec.targets().enumerate() {
        let term = model.train.as_ref().and_then(|train| train.narrowest_term(at));
        let classes = match term.map_or(TargetRange::Number, |term| term.loss.target_range()) {
            TargetRange::Class => class_names.next().map(|names| (["class", "classes"], names.clone())),
            TargetRange::Binary | TargetRange::Share if width == 1 => {
                Some((["label", "labels"], vec!["0".to_owned(), "1".to_owned()]))
            }
            TargetRange::Binary | TargetRange::Share | TargetRange::Number => None,
        };
        let output = model.output_name(target);
        classifiers.extend(classes.map(|(nouns, names)| Classifier { output, column, nouns, names }));
        column += if target.is_class { 1 } else { width };
    }
    classifiers
}

/// The number of rows of each class; `None` if a target is between 0 and 1.
fn counts(rows: &Rows, column: usize, classes: usize) -> Option<Vec<usize>> {
    let mut counts = vec![0; classes];
    for row in rows.indices() {
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
