//! A request in, a table out: decides the use of each column, by the request or by an earlier
//! encoding.

use std::collections::BTreeMap;

use crate::alike;
use crate::encoding::{Column, Encoding};
use crate::error::Error;
use crate::labels::Labels;
use crate::reading::{Input, InputCells, Numbers, Reader, Target, TargetCells};
use crate::remedy::Remedy;
use crate::request::{Request, TargetKind};
use crate::selection::{Field, Selection};
use crate::source::Source;
use crate::table::Table;
use crate::weights::Weights;
use crate::wording::quoted;

/// Reads a file, and numbers its categories and classes.
///
/// Categories are sorted, by value where all are numbers; classes are numbered as
/// [`TargetKind::Class`] says. Where all labels of a column are whole numbers `3.0` is `3`; other
/// texts are labels as written, so `1.1` and `1.10` are two. Labels that are alike are named in
/// [`Table::notes`]. Whitespace around a cell is ignored, blank lines are skipped, a byte order
/// mark and any kind of line end are accepted, and a file may be compressed with gzip.
///
/// # Errors
///
/// Any [`Error`] except those of inline examples, of splits and of metadata.
pub fn load(request: &Request) -> Result<Table, Error> {
    check_target_count(&request.target_kind, &request.target)?;
    let source = Source::read(request)?;
    let columns = request.columns.clone();
    let found = Selection::find(&source, columns, &request.target, request.weights.as_ref(), request.target_required)?;
    check_one_hot(&request.one_hot, &found.inputs)?;
    check_offsets(request, &found)?;
    let input = |field: Field| Input {
        cells: if request.one_hot.contains(&field.name) {
            InputCells::Categories(Labels::open())
        } else {
            let offset = offset(&request.offsets, &field);
            InputCells::Numbers(Numbers::new(Some(Remedy::OneHot), offset))
        },
        field,
    };
    let inputs = found.inputs.into_iter().map(input).collect();
    let targets = targets(&request.target_kind, found.targets, &[], Some(Remedy::Classes), &request.offsets);
    let weights = found.weights.map(Weights::new);
    let mut table = Reader::new(request, request.missing_words.as_deref(), inputs, targets, weights).read(&source)?;
    table.notes = notes(&source, &request.target_kind, &table.encoding);
    Ok(table)
}

/// What is odd in the categories and classes of a file, column by column.
fn notes(source: &Source, kind: &TargetKind, encoding: &Encoding) -> Vec<String> {
    let categories =
        encoding.columns.iter().filter_map(|column| Some((&column.name, column.categories.as_ref()?, "categories")));
    let kinds = kind.of_columns(encoding.targets.len());
    let is_class = |(_, kind): &(&String, TargetKind)| matches!(kind, TargetKind::Class { .. });
    let targets = encoding.targets.iter().zip(kinds).filter(is_class).map(|(name, _)| name);
    let classes = targets.zip(&encoding.classes).map(|(name, names)| (name, names, "classes"));
    let of_column = |(column, names, noun): (&String, &Vec<String>, &str)| {
        let place = format!("{}: column {}: ", source.path.display(), quoted(column));
        let notes = alike::notes(names, noun, encoding.missing_words.as_deref());
        notes.into_iter().map(move |note| place.clone() + &note)
    };
    categories.chain(classes).flat_map(of_column).collect()
}

/// Reads a file by the encoding of an earlier one: its columns, categories, targets and classes.
///
/// Of the request, `path`, `content`, `delimiter`, `missing`, `weights`, `target_kind` and
/// `target_required` count; the other fields, including `missing_words`, come from the encoding.
/// The file may hold further columns, and its columns in any order.
///
/// # Errors
///
/// Those of [`load`], and cells that hold a category or class that the encoding does not know.
pub fn load_with(request: &Request, encoding: &Encoding) -> Result<Table, Error> {
    check_target_count(&request.target_kind, &encoding.targets)?;
    let source = Source::read(request)?;
    let columns = encoding.columns.iter().map(|column| column.name.clone()).collect();
    let found =
        Selection::find(&source, Some(columns), &encoding.targets, request.weights.as_ref(), request.target_required)?;
    let input = |(field, column): (Field, &Column)| Input {
        cells: match &column.categories {
            Some(categories) => InputCells::Categories(Labels::closed(categories)),
            None => InputCells::Numbers(Numbers::new(None, offset(&encoding.offsets, &field))),
        },
        field,
    };
    let inputs = found.inputs.into_iter().zip(&encoding.columns).map(input).collect();
    let targets = targets(&request.target_kind, found.targets, &encoding.classes, None, &encoding.offsets);
    let weights = found.weights.map(Weights::new);
    let mut table = Reader::new(request, encoding.missing_words.as_deref(), inputs, targets, weights).read(&source)?;
    let classes = std::mem::take(&mut table.encoding.classes);
    table.encoding = encoding.clone();
    if table.encoding.classes.is_empty() {
        table.encoding.classes = classes;
    }
    Ok(table)
}

/// The target columns; `known` are the classes of those that hold classes, as far as they are known
/// already.
fn targets(
    kind: &TargetKind,
    fields: Option<Vec<Field>>,
    known: &[Vec<String>],
    remedy: Option<Remedy>,
    offsets: &BTreeMap<String, f64>,
) -> Vec<Target> {
    let fields = fields.unwrap_or_default();
    let mut known = known.iter();
    let cells = |(kind, field): (TargetKind, &Field)| match kind {
        TargetKind::Class { classes } => {
            let labels = known.next().map_or_else(Labels::open, |names| Labels::closed(names));
            TargetCells::Classes { labels, classes, lines: Vec::new() }
        }
        TargetKind::Numbers | TargetKind::Columns(_) => {
            TargetCells::Numbers(Numbers::new(remedy, offset(offsets, field)))
        }
    };
    let cells: Vec<TargetCells> = kind.of_columns(fields.len()).into_iter().zip(&fields).map(cells).collect();
    fields.into_iter().zip(cells).map(|(field, cells)| Target { field, cells }).collect()
}

/// What is subtracted from the numbers of a column.
fn offset(offsets: &BTreeMap<String, f64>, field: &Field) -> f64 {
    offsets.get(&field.name).copied().unwrap_or(0.0)
}

/// Each offset must belong to a column of numbers.
fn check_offsets(request: &Request, found: &Selection) -> Result<(), Error> {
    let inputs = found.inputs.iter().filter(|field| !request.one_hot.contains(&field.name));
    let fields = found.targets.as_deref().unwrap_or_default();
    let targets = fields.iter().zip(request.target_kind.of_columns(fields.len()));
    let targets = targets.filter(|(_, kind)| !matches!(kind, TargetKind::Class { .. })).map(|(field, _)| field);
    let numbers: Vec<&Field> = inputs.chain(targets).collect();
    match request.offsets.keys().find(|column| numbers.iter().all(|field| field.name != **column)) {
        None => Ok(()),
        Some(column) => Err(Error::OffsetWithoutNumbers { column: column.clone() }),
    }
}

fn check_one_hot(one_hot: &[String], inputs: &[Field]) -> Result<(), Error> {
    let is_input = |column: &String| inputs.iter().any(|input| input.name == *column);
    match one_hot.iter().find(|column| !is_input(column)) {
        None => Ok(()),
        Some(column) => Err(Error::OneHotNotInput { column: column.clone() }),
    }
}

fn check_target_count(kind: &TargetKind, targets: &[String]) -> Result<(), Error> {
    let found = targets.len();
    let targets = || targets.to_vec();
    match kind {
        TargetKind::Class { .. } if found > 1 => Err(Error::SeveralClassTargets { targets: targets() }),
        TargetKind::Columns(kinds) if found != kinds.len() => {
            Err(Error::TargetCount { targets: targets(), expected: kinds.len() })
        }
        TargetKind::Class { .. } | TargetKind::Numbers | TargetKind::Columns(_) => Ok(()),
    }
}
