//! Names of columns in, their places in the header out.
//!
//! Guarantees: every column is found once and has one use, all unknown names are reported at once,
//! and there is at least one input.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, UnknownColumn};
use crate::nearest::nearest;
use crate::origin::Origin;
use crate::source::Source;

/// A column of the file.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: String,
    /// The index of its cells in a row.
    pub at: usize,
}

/// The columns to read.
pub(crate) struct Selection {
    pub inputs: Vec<Field>,
    /// `None` where the file need not hold the targets, and does not.
    pub targets: Option<Vec<Field>>,
    /// `None` where there are none, and where the file need not hold the targets.
    pub weights: Option<Field>,
}

impl Selection {
    /// Finds the input columns, all but the targets and the weights where `columns` is `None`, the
    /// targets, and the weights of the rows.
    pub fn find(
        source: &Source,
        columns: Option<Vec<String>>,
        targets: &[String],
        weights: Option<&String>,
        target_required: bool,
    ) -> Result<Selection, Error> {
        check_uses(columns.as_deref().unwrap_or_default(), targets)?;
        let named = columns.iter().flatten().chain(targets);
        if let Some(column) = weights.filter(|weights| named.clone().any(|column| column == *weights)) {
            return Err(Error::WeightsTwice { column: column.clone() });
        }
        if targets.is_empty() && target_required {
            return Err(Error::NoTarget);
        }
        let is_absent = |target| !source.header.contains(target);
        let left_out = targets.is_empty() || (!target_required && targets.iter().any(is_absent));
        let wanted_targets = if left_out { &[] } else { targets };
        let wanted_weights = weights.filter(|_| target_required);
        check_known(source, columns.iter().flatten().chain(wanted_targets).chain(wanted_weights))?;
        check_duplicates(source)?;
        let columns = match columns {
            Some(columns) => columns,
            None => all_but(source, targets, weights)?,
        };
        if columns.is_empty() {
            let origin = Origin::File(source.path.clone());
            return Err(Error::NoInputs { origin });
        }
        let weights = wanted_weights.and_then(|name| field(source, name));
        let targets = (!left_out).then(|| fields(source, targets));
        Ok(Selection { inputs: fields(source, &columns), targets, weights })
    }
}

fn check_uses(columns: &[String], targets: &[String]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    match columns.iter().chain(targets).find(|column| !seen.insert(*column)) {
        None => Ok(()),
        Some(column) => Err(Error::ColumnTwice { column: column.clone() }),
    }
}

fn check_known<'a>(source: &Source, wanted: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    let unknown: Vec<UnknownColumn> = wanted
        .filter(|column| !source.header.contains(column))
        .map(|column| UnknownColumn {
            column: column.clone(),
            nearest: nearest(column, &source.header).map(str::to_owned),
        })
        .collect();
    let path = source.path.clone();
    match unknown.first() {
        None => Ok(()),
        Some(first) if source.header.iter().all(|cell| cell.parse::<f64>().is_ok()) => {
            let column = first.column.clone();
            Err(Error::NoHeader { path, column })
        }
        Some(_) => {
            let columns = source.header.clone();
            Err(Error::UnknownColumns { path, unknown, columns })
        }
    }
}

fn check_duplicates(source: &Source) -> Result<(), Error> {
    let mut seen = HashMap::new();
    for (at, column) in source.header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        if let Some(first) = seen.insert(column, at) {
            return Err(Error::DuplicateColumn {
                path: source.path.clone(),
                column: column.clone(),
                first: first + 1,
                second: at + 1,
            });
        }
    }
    Ok(())
}

fn all_but(source: &Source, targets: &[String], weights: Option<&String>) -> Result<Vec<String>, Error> {
    if let Some(at) = source.header.iter().position(String::is_empty) {
        let path = source.path.clone();
        return Err(Error::UnnamedColumn { path, at: at + 1 });
    }
    let inputs = source.header.iter().filter(|column| !targets.contains(column) && weights != Some(*column));
    Ok(inputs.cloned().collect())
}

fn fields(source: &Source, names: &[String]) -> Vec<Field> {
    names.iter().filter_map(|name| field(source, name)).collect()
}

fn field(source: &Source, name: &str) -> Option<Field> {
    let at = source.header.iter().position(|column| column == name)?;
    Some(Field { name: name.to_owned(), at })
}
