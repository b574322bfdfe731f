//! A request in, a table out: says what becomes of each column, by the request or by an earlier encoding.

use crate::encoding::{Column, Encoding};
use crate::error::Error;
use crate::fault::Remedy;
use crate::labels::Labels;
use crate::reading::{Input, InputCells, Numbers, Reader, Target};
use crate::request::{Request, TargetKind};
use crate::selection::{Field, Selection};
use crate::source::Source;
use crate::table::Table;

/// Reads a file, and numbers its categories and classes.
///
/// Categories are sorted, by value where all are numbers; classes are numbered as [`TargetKind::Class`] says.
/// White space around a cell does not count, blank lines are passed over, a byte order mark and any kind of
/// line end are taken.
///
/// # Errors
///
/// Any [`Error`] but those of inline examples, of splits and of metadata.
pub fn load(request: &Request) -> Result<Table, Error> {
    check_class_target(request.target_kind, &request.target)?;
    let source = Source::read(&request.path, request.delimiter)?;
    let columns = request.columns.clone();
    let found = Selection::find(&source, columns, &request.target, request.target_required)?;
    check_one_hot(&request.one_hot, &found.inputs)?;
    let input = |field: Field| Input {
        cells: if request.one_hot.contains(&field.name) {
            InputCells::Categories(Labels::open())
        } else {
            InputCells::Numbers(Numbers::new(Some(Remedy::OneHot)))
        },
        field,
    };
    let inputs = found.inputs.into_iter().map(input).collect();
    let target = target(request.target_kind, found.targets, Labels::open(), Some(Remedy::Classes));
    Reader::new(request, inputs, target).read(&source)
}

/// Reads a file by the encoding of an earlier one: its columns, categories, targets and classes.
///
/// Of the request, `path`, `delimiter`, `missing`, `target_kind` and `target_required` count; the other fields
/// are the encoding's to say. The file may hold further columns, and its columns in any order.
///
/// # Errors
///
/// Those of [`load`], and cells that hold a category or class that the encoding does not know.
pub fn load_with(request: &Request, encoding: &Encoding) -> Result<Table, Error> {
    check_class_target(request.target_kind, &encoding.targets)?;
    let source = Source::read(&request.path, request.delimiter)?;
    let columns = encoding.columns.iter().map(|column| column.name.clone()).collect();
    let found = Selection::find(&source, Some(columns), &encoding.targets, request.target_required)?;
    let input = |(field, column): (Field, &Column)| Input {
        field,
        cells: match &column.categories {
            Some(categories) => InputCells::Categories(Labels::closed(categories)),
            None => InputCells::Numbers(Numbers::new(None)),
        },
    };
    let inputs = found.inputs.into_iter().zip(&encoding.columns).map(input).collect();
    let labels = encoding.classes.as_deref().map_or_else(Labels::open, Labels::closed);
    let target = target(request.target_kind, found.targets, labels, None);
    let mut table = Reader::new(request, inputs, target).read(&source)?;
    let classes = table.encoding.classes.take();
    table.encoding = encoding.clone();
    table.encoding.classes = table.encoding.classes.or(classes);
    Ok(table)
}

fn target(kind: TargetKind, fields: Option<Vec<Field>>, labels: Labels, remedy: Option<Remedy>) -> Target {
    let mut fields = fields.unwrap_or_default();
    match kind {
        TargetKind::Numbers if fields.is_empty() => Target::None,
        TargetKind::Numbers => {
            let column = |field| (field, Numbers::new(remedy));
            Target::Numbers(fields.into_iter().map(column).collect())
        }
        TargetKind::Class { classes } => match fields.pop() {
            Some(field) => Target::Classes { field, labels, classes },
            None => Target::None,
        },
    }
}

fn check_one_hot(one_hot: &[String], inputs: &[Field]) -> Result<(), Error> {
    let is_input = |column: &String| inputs.iter().any(|input| input.name == *column);
    match one_hot.iter().find(|column| !is_input(column)) {
        None => Ok(()),
        Some(column) => Err(Error::OneHotNotInput { column: column.clone() }),
    }
}

fn check_class_target(kind: TargetKind, targets: &[String]) -> Result<(), Error> {
    match kind {
        TargetKind::Class { .. } if targets.len() > 1 => {
            let targets = targets.to_vec();
            Err(Error::SeveralClassTargets { targets })
        }
        TargetKind::Class { .. } | TargetKind::Numbers => Ok(()),
    }
}
