//! What a file holds, for checks before training: types, ranges and counts, without turning it into
//! a table.

use std::collections::HashSet;

use crate::cell::{self, MissingWords};
use crate::cell_errors::CellErrors;
use crate::error::Error;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::request::{Request, TargetKind};
use crate::selection::{Field, Selection};
use crate::source::Source;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// How many rows there are, those with missing cells included.
    pub rows: usize,
    /// How many rows have no missing cell in these columns.
    pub complete: usize,
    /// The columns that are read: the inputs in order, then the targets.
    pub columns: Vec<ColumnSummary>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSummary {
    /// The name in the header.
    pub name: String,
    /// What it is read as.
    pub role: Role,
    /// What its cells are.
    pub kind: ColumnKind,
    /// The smallest number; `None` unless the cells are numbers.
    pub min: Option<f64>,
    /// The largest number; `None` unless the cells are numbers.
    pub max: Option<f64>,
    /// How many different cells there are, missing ones not counted.
    pub distinct: usize,
    /// How many cells are missing.
    pub missing: usize,
}

/// What a column is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// One input, a number.
    Input,
    /// One input for each category.
    OneHot,
    /// The labels of classes.
    Class,
    /// A target that is a number.
    Number,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// All cells that are not missing are numbers.
    Numbers,
    /// Some cells are texts.
    Text,
}

impl Summary {
    /// How many inputs a row has: one for a number, one for each category of a one-hot encoded
    /// column.
    pub fn width(&self) -> usize {
        let width = |column: &ColumnSummary| match column.role {
            Role::Input => 1,
            Role::OneHot => column.distinct,
            Role::Class | Role::Number => 0,
        };
        self.columns.iter().map(width).sum()
    }
}

/// Looks through the columns that a request reads; their cells may contain mistakes.
///
/// # Errors
///
/// Where the file or a column cannot be found or read, or rows differ in length.
pub fn summarize(request: &Request) -> Result<Summary, Error> {
    let source = Source::read(request)?;
    let columns = request.columns.clone();
    let found = Selection::find(&source, columns, &request.target, request.weights.as_ref(), request.target_required)?;
    check_lengths(&source)?;
    let input_role = |field: &Field| {
        if request.one_hot.contains(&field.name) { Role::OneHot } else { Role::Input }
    };
    let target_role = |kind| match kind {
        TargetKind::Class { .. } => Role::Class,
        TargetKind::Numbers | TargetKind::Columns(_) => Role::Number,
    };
    let targets = found.targets.unwrap_or_default();
    let roles = request.target_kind.of_columns(targets.len()).into_iter().map(target_role);
    let inputs = found.inputs.iter().map(|field| (field, input_role(field)));
    let columns: Vec<(&Field, Role)> = inputs.chain(targets.iter().zip(roles)).collect();
    let missing = MissingWords::new(request.missing_words.as_deref());
    let is_complete = |cells: &csv::StringRecord| columns.iter().all(|(field, _)| !missing.contain(&cells[field.at]));
    Ok(Summary {
        rows: source.rows.len(),
        complete: source.rows.iter().filter(|row| is_complete(&row.cells)).count(),
        columns: columns.iter().map(|&(field, role)| column(&source, field, role, &missing)).collect(),
    })
}

fn check_lengths(source: &Source) -> Result<(), Error> {
    let expected = source.header.len();
    let mut errors = CellErrors::default();
    for row in source.rows.iter().filter(|row| row.cells.len() != expected) {
        let found = row.cells.len();
        errors.push(row.line, None, Problem::CellCount { found, expected });
    }
    if errors.is_empty() {
        return Ok(());
    }
    let origin = Origin::File(source.path.clone());
    Err(Error::Cells { origin, errors: Box::new(errors) })
}

fn column(source: &Source, field: &Field, role: Role, missing: &MissingWords) -> ColumnSummary {
    let cells = || source.rows.iter().map(|row| &row.cells[field.at]);
    let present = || cells().filter(|text| !missing.contain(text));
    let numbers: Option<Vec<f64>> = present().map(cell::parse).collect();
    let are_whole = present().all(|text| cell::whole(text).is_some());
    let label = |text| cell::whole(text).filter(|_| are_whole).unwrap_or(text);
    let distinct: HashSet<&str> = present().map(label).collect();
    ColumnSummary {
        name: field.name.clone(),
        role,
        kind: match numbers {
            Some(_) => ColumnKind::Numbers,
            None => ColumnKind::Text,
        },
        min: numbers.iter().flatten().copied().reduce(f64::min),
        max: numbers.iter().flatten().copied().reduce(f64::max),
        distinct: distinct.len(),
        missing: cells().filter(|text| missing.contain(text)).count(),
    }
}
