//! What lints want to know of a spec's csv file.

use nn_compiler::diagnostic::Diagnostic;
use nn_compiler::lints::{self, Column, Examples, Facts};
use nn_compiler::model::DataSource;
use nn_data::{Table, Targets};

use crate::examples;
use crate::spec::Spec;

/// What lints say of a network in the light of its csv file; nothing where that can not be read, which
/// `nn train` tells.
pub fn warnings(spec: &Spec) -> Vec<Diagnostic> {
    match is_in_a_file(spec).then(|| examples::load(spec, None)) {
        Some(Ok(table)) => warnings_of(spec, &table),
        Some(Err(_)) | None => Vec::new(),
    }
}

/// The same of examples that have been read. Those that stand in the spec were looked at by the compiler.
pub fn warnings_of(spec: &Spec, table: &Table) -> Vec<Diagnostic> {
    if is_in_a_file(spec) { lints::data(&spec.compiled, &facts(table)) } else { Vec::new() }
}

fn is_in_a_file(spec: &Spec) -> bool {
    spec.data().is_ok_and(|data| matches!(data.source, DataSource::Csv { .. }))
}

fn facts(table: &Table) -> Facts {
    let ranges = table.ranges();
    let mut columns = Vec::new();
    let mut index = 0;
    for column in &table.encoding.columns {
        if let (Some((min, max)), None) = (ranges.get(index), &column.categories) {
            let (min, max) = (f64::from(*min), f64::from(*max));
            columns.push(Column { name: column.name.clone(), index, min, max });
        }
        index += column.categories.as_ref().map_or(1, Vec::len);
    }
    Facts { columns, examples: examples_of(table) }
}

fn examples_of(table: &Table) -> Option<Examples> {
    let targets = match &table.targets {
        Targets::Numbers(targets) if targets.ncols() == 1 => targets.column(0).mapv(f64::from).to_vec(),
        Targets::Numbers(_) | Targets::Classes(_) | Targets::Columns(_) | Targets::None => return None,
    };
    let (rows, width) = table.inputs.dim();
    (rows <= Facts::MOST_ROWS && width <= Facts::MOST_INPUTS).then(|| Examples {
        inputs: table.inputs.rows().into_iter().map(|row| row.mapv(f64::from).to_vec()).collect(),
        targets,
        unit: "line",
        numbers: table.lines.clone(),
        spans: Vec::new(),
    })
}
