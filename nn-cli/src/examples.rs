//! The spec's examples: read, checked against the network's sizes, and split.

use std::path::Path;

use nn_compiler::model::{Data, DataSource};
use nn_data::{Encoding, Missing, Request, Table, TargetKind, Targets};

use crate::error::Error;
use crate::spec::Spec;

/// Examples in two parts.
pub struct Parts {
    /// The rows to train with.
    pub train: Table,
    /// The rows held back; there may be none.
    pub validation: Table,
}

/// Reads the examples of the spec's `data`; as earlier ones were read, where their encoding is given.
pub fn load(spec: &Spec, encoding: Option<&Encoding>) -> Result<Table, Error> {
    let data = spec.data()?;
    let table = match &data.source {
        DataSource::Inline(rows) => {
            let inputs: Vec<Vec<f64>> = rows.iter().map(|row| row.inputs.clone()).collect();
            let targets: Vec<Vec<f64>> = rows.iter().map(|row| row.targets.clone()).collect();
            Table::from_rows(&inputs, &targets, &target_kind(spec))?
        }
        DataSource::Csv { path, .. } => {
            let request = request(spec, data, &spec.folder().join(path));
            match encoding {
                Some(encoding) => nn_data::load_with(&request, encoding)?,
                None => nn_data::load(&request)?,
            }
        }
    };
    check_inputs(spec, &table.encoding)?;
    check_targets(spec, &table)?;
    Ok(table)
}

/// Reads the examples of another csv file, as earlier ones were read.
pub fn load_file(spec: &Spec, path: &Path, encoding: &Encoding) -> Result<Table, Error> {
    let request = file_request(spec, path);
    let table = nn_data::load_with(&request, encoding)?;
    check_inputs(spec, &table.encoding)?;
    check_targets(spec, &table)?;
    Ok(table)
}

/// Reads the inputs of another csv file, as earlier ones were read. Each row counts: one with a missing
/// cell is an error.
pub fn load_inputs(spec: &Spec, path: &Path, encoding: &Encoding) -> Result<Table, Error> {
    check_inputs(spec, encoding)?;
    let mut request = Request::new(path, Vec::<String>::new(), TargetKind::Numbers);
    request.target_required = false;
    let inputs = Encoding { targets: Vec::new(), classes: Vec::new(), ..encoding.clone() };
    Ok(nn_data::load_with(&request, &inputs)?)
}

/// Holds back the share of rows that the spec says.
pub fn split(spec: &Spec, table: &Table, seed: u64) -> Result<Parts, Error> {
    let rows = nn_data::split(table, spec.data()?.validation as f32, seed)?;
    if rows.train.is_empty() {
        return Err(Error::NoTrainingRows { rows: table.rows() });
    }
    Ok(Parts { train: table.take(&rows.train), validation: table.take(&rows.validation) })
}

/// What the columns are called where nothing is known of them.
pub fn unnamed(spec: &Spec) -> Encoding {
    let column = |number| nn_data::Column { name: format!("x{number}"), categories: None };
    let targets: usize = spec.outputs().map(|(_, width)| width).sum();
    Encoding {
        columns: (1..=spec.input_width()).map(column).collect(),
        targets: (1..=targets).map(|number| format!("y{number}")).collect(),
        classes: Vec::new(),
    }
}

fn request(spec: &Spec, data: &Data, path: &Path) -> Request {
    let mut request = Request::new(path, Vec::<String>::new(), target_kind(spec));
    if let DataSource::Csv { target, columns, one_hot, drop_missing, .. } = &data.source {
        request.target.clone_from(target);
        request.columns.clone_from(columns);
        request.one_hot.clone_from(one_hot);
        request.missing = if *drop_missing { Missing::Drop } else { Missing::Error };
    }
    request
}

fn file_request(spec: &Spec, path: &Path) -> Request {
    match &spec.compiled.model.data {
        Some(data) => request(spec, data, path),
        None => Request::new(path, Vec::<String>::new(), target_kind(spec)),
    }
}

/// One class or numbers for a single output; of several outputs, what each of their columns holds.
fn target_kind(spec: &Spec) -> TargetKind {
    let targets: Vec<_> = spec.targets().collect();
    let of_class = |classes| TargetKind::Class { classes: Some(classes) };
    match targets[..] {
        [] => TargetKind::Numbers,
        [(target, width)] if target.is_class => of_class(width),
        [_] => TargetKind::Numbers,
        _ => {
            let columns = targets.iter().flat_map(|(target, width)| match target.is_class {
                true => vec![of_class(*width)],
                false => vec![TargetKind::Numbers; *width],
            });
            TargetKind::Columns(columns.collect())
        }
    }
}

fn check_inputs(spec: &Spec, encoding: &Encoding) -> Result<(), Error> {
    let (expected, names) = (spec.input_width(), encoding.input_names());
    if names.len() == expected {
        return Ok(());
    }
    Err(Error::InputWidth { network: spec.name().to_owned(), expected, found: names.len(), names })
}

/// Whether numbers are as many as the only output holds. (Columns of several outputs are counted where they are read.)
fn check_targets(spec: &Spec, table: &Table) -> Result<(), Error> {
    let (Targets::Numbers(targets), Some((_, expected))) = (&table.targets, spec.targets().next()) else {
        return Ok(());
    };
    if targets.ncols() == expected {
        return Ok(());
    }
    let names = table.encoding.targets.clone();
    Err(Error::TargetWidth { network: spec.name().to_owned(), expected, found: targets.ncols(), names })
}
