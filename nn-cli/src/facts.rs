//! Facts about the data, for lints.

use ndarray::ArrayView1;
use nn_compiler::diagnostic::Diagnostic;
use nn_compiler::lints::{self, Collapsed, Column, Facts};
use nn_compiler::model::{DataSource, ValueId};
use nn_data::{Table, TargetColumn, Targets};

use crate::spec::Spec;

/// The warnings of lints that look at the data. The compiler has already checked rows that are in
/// the spec.
pub fn warnings_of(spec: &Spec, table: &Table) -> Vec<Diagnostic> {
    if is_in_a_file(spec) { lints::data(&spec.compiled, &facts(spec, table)) } else { Vec::new() }
}

fn is_in_a_file(spec: &Spec) -> bool {
    spec.data().is_ok_and(|data| !matches!(data.source, DataSource::Inline(_)))
}

fn facts(spec: &Spec, table: &Table) -> Facts {
    let columns = if table.row_shape.len() > 1 { inputs(spec, table) } else { columns(table) };
    Facts { columns, targets: targets(table), examples: examples_of(table), collapsed: collapsed(table) }
}

/// The columns in which different numbers became the same `f32`.
fn collapsed(table: &Table) -> Vec<Collapsed> {
    let of = |found: &nn_data::Collapsed| {
        let before = table.encoding.columns.iter().take_while(|column| column.name != found.column);
        Collapsed {
            name: found.column.clone(),
            input: (!found.is_target).then(|| before.map(nn_data::Column::width).sum()),
            cells: found.cells.clone().map(|(line, text)| (format!("{} {line}", table.unit), text)),
            number: found.number,
            offset: found.offset,
            is_in_a_table: table.unit == "line",
        }
    };
    table.collapsed.iter().map(of).collect()
}

/// Each input as one column, because a warning for each pixel would be too much.
fn inputs(spec: &Spec, table: &Table) -> Vec<Column> {
    let (model, shapes) = (&spec.compiled.model, &spec.compiled.shapes);
    let mut start = 0;
    let column = |id: &ValueId| {
        let (index, end) = (start, start + shapes.of(*id).len());
        start = end;
        let (min, max) = table.range(index..end)?;
        let (min, max) = (f64::from(min), f64::from(max));
        Some(Column { name: model.value(*id).label.clone(), index, min, max })
    };
    model.inputs.iter().filter_map(column).collect()
}

fn columns(table: &Table) -> Vec<Column> {
    let ranges = table.ranges();
    let mut columns = Vec::new();
    let mut index = 0;
    for column in &table.encoding.columns {
        if let (Some((min, max)), None) = (ranges.get(index), &column.categories) {
            let (min, max) = (f64::from(*min), f64::from(*max));
            columns.push(Column { name: column.name.clone(), index, min, max });
        }
        index += column.width();
    }
    columns
}

/// The target columns that are numbers.
fn targets(table: &Table) -> Vec<Column> {
    let column = |index: usize, numbers: ArrayView1<f32>| {
        let first = *numbers.first()?;
        let (min, max) = numbers.iter().fold((first, first), |(min, max), number| (number.min(min), number.max(max)));
        let name = table.encoding.targets.get(index)?.clone();
        Some(Column { name, index, min: f64::from(min), max: f64::from(max) })
    };
    match &table.targets {
        Targets::Numbers(matrix) => {
            let columns = matrix.columns().into_iter().enumerate();
            columns.filter_map(|(index, numbers)| column(index, numbers)).collect()
        }
        Targets::Columns(columns) => {
            let columns = columns.iter().enumerate().filter_map(|(index, of_column)| match of_column {
                TargetColumn::Numbers(numbers) => column(index, ArrayView1::from(numbers)),
                TargetColumn::Classes(_) => None,
            });
            columns.collect()
        }
        Targets::Classes(_) | Targets::None => Vec::new(),
    }
}

fn examples_of(table: &Table) -> Option<lints::Examples> {
    let targets = match &table.targets {
        Targets::Numbers(targets) if targets.ncols() == 1 => targets.column(0).mapv(f64::from).to_vec(),
        Targets::Numbers(_) | Targets::Classes(_) | Targets::Columns(_) | Targets::None => return None,
    };
    let (rows, width) = table.inputs.dim();
    (rows <= Facts::MOST_ROWS && width <= Facts::MOST_INPUTS).then(|| lints::Examples {
        inputs: table.inputs.rows().into_iter().map(|row| row.mapv(f64::from).to_vec()).collect(),
        targets,
        unit: table.unit,
        numbers: table.lines.clone(),
        spans: Vec::new(),
    })
}
