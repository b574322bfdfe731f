//! The rows of a file in, a table out: takes each cell by its column, then puts the columns side by side.
//!
//! All wrong cells are found, not the first; a table comes out only where there are none.

use ndarray::{Array1, Array2};

use crate::cell;
use crate::classes::ClassColumn;
use crate::encoding::{Column, Encoding};
use crate::error::{Error, Place};
use crate::fault::{Faults, Problem, Remedy};
use crate::labels::Labels;
use crate::request::{Missing, Request};
use crate::selection::Field;
use crate::source::{Row, Source};
use crate::table::{Table, Targets};

/// An input column while it is read.
pub(crate) struct Input {
    pub field: Field,
    pub cells: InputCells,
}

/// What was read of an input column.
pub(crate) enum InputCells {
    Numbers(Numbers),
    Categories(Labels),
}

/// The target columns while they are read.
pub(crate) enum Target {
    None,
    Classes { field: Field, labels: Labels, classes: Option<usize> },
    Numbers(Vec<(Field, Numbers)>),
}

/// What was read of a column of numbers.
pub(crate) struct Numbers {
    values: Vec<f32>,
    remedy: Option<Remedy>,
}

impl Numbers {
    /// An empty column; `remedy` is what to do about text in it.
    pub fn new(remedy: Option<Remedy>) -> Numbers {
        Numbers { values: Vec::new(), remedy }
    }

    fn push(&mut self, text: &str) -> Result<(), Problem> {
        self.values.push(cell::number(text, self.remedy)?);
        Ok(())
    }
}

impl InputCells {
    fn push(&mut self, text: &str) -> Result<(), Problem> {
        match self {
            InputCells::Numbers(numbers) => numbers.push(text),
            InputCells::Categories(labels) => {
                push_label(labels, text, |text, known| Problem::UnknownCategory { text, known })
            }
        }
    }
}

/// Takes a label, or says with `unknown` that it is not among the known ones.
fn push_label(
    labels: &mut Labels,
    text: &str,
    unknown: impl FnOnce(String, Vec<String>) -> Problem,
) -> Result<(), Problem> {
    if labels.push(text) { Ok(()) } else { Err(unknown(text.to_owned(), labels.names.clone())) }
}

impl Target {
    fn fields(&self) -> Vec<&Field> {
        match self {
            Target::None => Vec::new(),
            Target::Classes { field, .. } => vec![field],
            Target::Numbers(columns) => columns.iter().map(|(field, _)| field).collect(),
        }
    }
}

/// A table while its rows are read.
pub(crate) struct Reader<'a> {
    request: &'a Request,
    place: Place,
    inputs: Vec<Input>,
    target: Target,
    lines: Vec<u64>,
    dropped: usize,
    faults: Faults,
}

impl<'a> Reader<'a> {
    pub fn new(request: &'a Request, inputs: Vec<Input>, target: Target) -> Reader<'a> {
        Reader {
            request,
            place: Place::File(request.path.clone()),
            inputs,
            target,
            lines: Vec::new(),
            dropped: 0,
            faults: Faults::default(),
        }
    }

    /// Reads all rows.
    pub fn read(mut self, source: &Source) -> Result<Table, Error> {
        let expected = source.header.len();
        for row in &source.rows {
            let found = row.cells.len();
            if found == expected {
                self.read_row(row);
            } else {
                self.faults.push(row.line, None, Problem::CellCount { found, expected });
            }
        }
        let Reader { place, faults, dropped, .. } = self;
        if !faults.is_empty() {
            return Err(Error::Cells { place, faults });
        }
        if self.lines.is_empty() {
            return Err(Error::NoRows { place, dropped });
        }
        let (columns, inputs) = side_by_side(self.inputs, self.lines.len());
        let mut encoding = Encoding { columns, ..Encoding::default() };
        let targets = finish_target(self.target, &place, &self.lines, &mut encoding)?;
        Ok(Table { inputs, targets, encoding, lines: self.lines, dropped })
    }

    fn read_row(&mut self, row: &Row) {
        let is_missing = |field: &Field| cell::is_missing(&row.cells[field.at]);
        let lacks_target = self.target.fields().into_iter().any(is_missing);
        if lacks_target && !self.request.target_required {
            self.target = Target::None;
        }
        let lacks_input = self.inputs.iter().any(|input| is_missing(&input.field));
        let lacks_target = lacks_target && self.request.target_required;
        if self.request.missing == Missing::Drop && (lacks_input || lacks_target) {
            self.dropped += 1;
            return;
        }
        self.lines.push(row.line);
        let faults = &mut self.faults;
        for Input { field, cells } in &mut self.inputs {
            take(row, field, faults, |text| cells.push(text));
        }
        match &mut self.target {
            Target::None => {}
            Target::Classes { field, labels, .. } => {
                take(row, field, faults, |text| {
                    push_label(labels, text, |text, known| Problem::UnknownClass { text, known })
                });
            }
            Target::Numbers(columns) => {
                for (field, numbers) in columns {
                    take(row, field, faults, |text| numbers.push(text));
                }
            }
        }
    }
}

/// Takes one cell, or notes what is wrong with it.
fn take(row: &Row, field: &Field, faults: &mut Faults, push: impl FnOnce(&str) -> Result<(), Problem>) {
    let text = &row.cells[field.at];
    let taken = if cell::is_missing(text) { Err(Problem::Missing { text: text.to_owned() }) } else { push(text) };
    if let Err(problem) = taken {
        faults.push(row.line, Some(&field.name), problem);
    }
}

/// The inputs as a matrix of `rows` rows, and its columns.
fn side_by_side(inputs: Vec<Input>, rows: usize) -> (Vec<Column>, Array2<f32>) {
    let inputs: Vec<Input> = inputs.into_iter().map(sort_categories).collect();
    let columns: Vec<Column> = inputs.iter().map(Input::column).collect();
    let width = columns.iter().map(Column::width).sum();
    let mut matrix = Array2::zeros((rows, width));
    let mut at = 0;
    for (input, column) in inputs.into_iter().zip(&columns) {
        match input.cells {
            InputCells::Numbers(numbers) => {
                matrix.column_mut(at).assign(&Array1::from_vec(numbers.values));
            }
            InputCells::Categories(labels) => {
                for (row, category) in labels.rows.into_iter().enumerate() {
                    matrix[[row, at + category]] = 1.0;
                }
            }
        }
        at += column.width();
    }
    (columns, matrix)
}

fn sort_categories(input: Input) -> Input {
    match input.cells {
        InputCells::Numbers(_) => input,
        InputCells::Categories(labels) => Input { field: input.field, cells: InputCells::Categories(labels.sorted()) },
    }
}

impl Input {
    fn column(&self) -> Column {
        Column {
            name: self.field.name.clone(),
            categories: match &self.cells {
                InputCells::Numbers(_) => None,
                InputCells::Categories(labels) => Some(labels.names.clone()),
            },
        }
    }
}

/// The targets, whose names and classes are added to the encoding.
fn finish_target(target: Target, place: &Place, lines: &[u64], encoding: &mut Encoding) -> Result<Targets, Error> {
    encoding.targets = target.fields().into_iter().map(|field| field.name.clone()).collect();
    match target {
        Target::None => Ok(Targets::None),
        Target::Classes { field, labels, classes } => {
            let name = &field.name;
            let found = ClassColumn { place, name, lines, labels }.number(classes)?;
            encoding.classes = Some(found.names);
            Ok(Targets::Classes(found.rows))
        }
        Target::Numbers(columns) => {
            let mut matrix = Array2::zeros((lines.len(), columns.len()));
            for (mut column, (_, numbers)) in matrix.columns_mut().into_iter().zip(columns) {
                column.assign(&Array1::from_vec(numbers.values));
            }
            Ok(Targets::Numbers(matrix))
        }
    }
}
