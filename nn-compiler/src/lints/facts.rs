//! What lints need to know about the examples. This crate does not read files: the caller provides the facts.

use crate::model::{DataSource, Model, Row};
use crate::shape::Shapes;
use crate::span::Span;

/// What is known about the examples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The input columns that are numbers.
    pub columns: Vec<Column>,
    /// The target columns that are numbers; their index is the place in a row of all targets.
    pub targets: Vec<Column>,
    /// The examples themselves, if they are few enough to be checked one by one.
    pub examples: Option<Examples>,
    /// Columns in which different numbers became equal.
    pub collapsed: Vec<Collapsed>,
}

/// A column in which two different cells are equal once they are rounded to `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Collapsed {
    /// What it is called.
    pub name: String,
    /// Its place in a row of all inputs; `None` for a target.
    pub input: Option<usize>,
    /// Two cells, as they are written, each with its place, such as `line 2`.
    pub cells: [(String, String); 2],
    /// What both of them become.
    pub number: f32,
    /// What to subtract so that they stay different, if that helps.
    pub offset: Option<f64>,
    /// Whether the language can subtract it: in csv files.
    pub is_in_a_table: bool,
}

/// A column of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// Its place in a row of all inputs, one input after the other, or of all targets.
    pub index: usize,
    /// Its smallest number.
    pub min: f64,
    /// Its largest number.
    pub max: f64,
}

/// A number of a column for people, with no more digits than `f32` has: `1e30` where it is far from 1.
pub fn shown(number: f64) -> String {
    let single = number as f32;
    let far = single != 0.0 && !(1e-6..1e9).contains(&single.abs());
    if far { format!("{single:e}") } else { single.to_string() }
}

/// Examples with one target each, as the network sees them: rounded to `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Examples {
    /// The rows of all inputs, all of one width.
    pub inputs: Vec<Vec<f64>>,
    /// The target of each row.
    pub targets: Vec<f64>,
    /// What a row is called: `row`, `line`.
    pub unit: &'static str,
    /// The number of each row, or of its line.
    pub numbers: Vec<u64>,
    /// The place of each row in the spec; empty for rows of a file.
    pub spans: Vec<Span>,
}

impl Facts {
    /// Examples with more rows than this are not checked one by one.
    pub const MOST_ROWS: usize = 5_000;
    /// Rows wider than this are not checked one by one.
    pub const MOST_INPUTS: usize = 32;

    /// The facts about the rows of a spec; `None` if it has none.
    pub(super) fn of_rows(model: &Model, shapes: &Shapes) -> Option<Self> {
        let DataSource::Inline(rows) = &model.data.as_ref()?.source else { return None };
        let inputs: Vec<Vec<f64>> = rows.iter().map(|row| row.inputs.iter().map(|x| rounded(*x)).collect()).collect();
        let names = |parts: Vec<(&str, usize)>| -> Vec<String> {
            let of_part = |(name, width): (&str, usize)| -> Vec<String> {
                (0..width).map(|at| if width == 1 { name.to_owned() } else { format!("{name}[{at}]") }).collect()
            };
            parts.into_iter().flat_map(of_part).collect()
        };
        let columns = names(model.inputs.iter().map(|id| (&*model.value(*id).label, shapes.of(*id).len())).collect());
        let columns = columns_of(columns, |row, index| inputs[row].get(index).copied(), rows.len());
        let targets = model.train.iter().flat_map(|train| &train.targets).map(|target| {
            (model.output_name(target), if target.is_class { 1 } else { shapes.of(target.output).len() })
        });
        let of_row = |row: usize, index: usize| rows[row].targets.get(index).map(|target| rounded(*target));
        let target_columns = columns_of(names(targets.collect()), of_row, rows.len());
        let targets: Option<Vec<f64>> = rows.iter().map(|row| only(&row.targets)).collect();
        let spans = rows.iter().map(|row| row.span).collect();
        let numbers = (1..=rows.len() as u64).collect();
        let fits = rows.len() <= Self::MOST_ROWS && inputs.iter().all(|row| row.len() <= Self::MOST_INPUTS);
        let examples = targets.filter(|_| fits).map(|targets| Examples {
            inputs: inputs.clone(),
            targets,
            unit: "row",
            numbers,
            spans,
        });
        let collapsed = collapsed(&columns, &target_columns, rows);
        Some(Self { columns, targets: target_columns, examples, collapsed })
    }
}

/// The columns of these names, from the number at a row and a place.
fn columns_of(names: Vec<String>, number: impl Fn(usize, usize) -> Option<f64>, rows: usize) -> Vec<Column> {
    let column = |(index, name)| {
        let numbers = || (0..rows).filter_map(|row| number(row, index));
        Some(Column { name, index, min: numbers().reduce(f64::min)?, max: numbers().reduce(f64::max)? })
    };
    names.into_iter().enumerate().filter_map(column).collect()
}

/// The columns of rows in the spec in which different whole numbers become equal.
fn collapsed(columns: &[Column], targets: &[Column], rows: &[Row]) -> Vec<Collapsed> {
    let of_input = |column: &Column| {
        let numbers = rows.iter().map(|row| row.inputs.get(column.index).copied());
        one_number(&column.name, Some(column.index), numbers)
    };
    let of_target = |column: &Column| {
        let numbers = rows.iter().map(|row| row.targets.get(column.index).copied());
        one_number(&column.name, None, numbers)
    };
    columns.iter().filter_map(of_input).chain(targets.iter().filter_map(of_target)).collect()
}

/// Two whole numbers of a column that differ, and are equal as `f32`.
fn one_number(name: &str, input: Option<usize>, numbers: impl Iterator<Item = Option<f64>>) -> Option<Collapsed> {
    let mut sorted: Vec<(f64, usize)> = numbers
        .zip(1..)
        .filter_map(|(number, row)| Some((number.filter(|number| number.fract() == 0.0)?, row)))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let pair = sorted.windows(2).find(|pair| pair[0].0 != pair[1].0 && pair[0].0 as f32 == pair[1].0 as f32)?;
    let cell = |(number, row): (f64, usize)| (format!("row {row}"), number.to_string());
    let mut pair = [pair[0], pair[1]];
    pair.sort_by_key(|(_, row)| *row);
    let number = pair[0].0 as f32;
    Some(Collapsed { name: name.to_owned(), input, cells: pair.map(cell), number, offset: None, is_in_a_table: false })
}

fn only(targets: &[f64]) -> Option<f64> {
    match targets {
        [target] => Some(rounded(*target)),
        _ => None,
    }
}

/// As the network gets it.
fn rounded(number: f64) -> f64 {
    f64::from(number as f32)
}
