//! The rows of a file in, a table out: takes each cell by its column, then puts the columns side by side.
//!
//! All wrong cells are found, not the first; a table comes out only where there are none.

use ndarray::{Array1, Array2, ArrayView1};

use crate::cell::{self, MissingWords};
use crate::classes::ClassColumn;
use crate::encoding::{Column, Encoding};
use crate::error::{Error, Place};
use crate::fault::{Faults, Problem, Remedy};
use crate::labels::Labels;
use crate::looks;
use crate::request::{Missing, Request, TargetKind};
use crate::selection::Field;
use crate::source::{Row, Source};
use crate::table::{Table, TargetColumn, Targets};

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

/// A target column while it is read.
pub(crate) struct Target {
    pub field: Field,
    pub cells: TargetCells,
}

/// What was read of a target column.
pub(crate) enum TargetCells {
    /// Labels, of so many classes where that is known.
    Classes {
        labels: Labels,
        classes: Option<usize>,
    },
    Numbers(Numbers),
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

impl TargetCells {
    fn push(&mut self, text: &str) -> Result<(), Problem> {
        match self {
            TargetCells::Classes { labels, .. } => {
                push_label(labels, text, |text, known| Problem::UnknownClass { text, known })
            }
            TargetCells::Numbers(numbers) => numbers.push(text),
        }
    }
}

/// A table while its rows are read.
pub(crate) struct Reader<'a> {
    request: &'a Request,
    missing: MissingWords,
    inputs: Vec<Input>,
    targets: Vec<Target>,
    lines: Vec<u64>,
    dropped: usize,
    faults: Faults,
}

impl<'a> Reader<'a> {
    /// A reader of a file in which these words mean a missing cell; the usual ones where there are none.
    pub fn new(
        request: &'a Request,
        missing_words: Option<&[String]>,
        inputs: Vec<Input>,
        targets: Vec<Target>,
    ) -> Reader<'a> {
        Reader {
            request,
            missing: MissingWords::new(missing_words),
            inputs,
            targets,
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
        if !self.faults.is_empty() {
            self.look_at_columns(source);
        }
        let place = Place::File(source.path.clone());
        let Reader { faults, dropped, .. } = self;
        if !faults.is_empty() {
            return Err(Error::Cells { place, faults });
        }
        if self.lines.is_empty() {
            return Err(Error::NoRows { place, dropped });
        }
        let (columns, inputs) = side_by_side(self.inputs, self.lines.len());
        let row_shape = vec![inputs.ncols()];
        let missing_words = self.request.missing_words.clone();
        let mut encoding = Encoding { columns, missing_words, ..Encoding::default() };
        let targets = finish_targets(self.targets, &self.request.target_kind, &place, &self.lines, &mut encoding)?;
        Ok(Table {
            inputs,
            targets,
            encoding,
            row_shape,
            unit: place.unit(),
            lines: self.lines,
            files: Vec::new(),
            dropped,
            notes: Vec::new(),
        })
    }

    /// Finds the input columns of texts that are better left out, now that it is known that some cells are wrong.
    fn look_at_columns(&mut self, source: &Source) {
        let is_read = |input: &&Input| matches!(&input.cells, InputCells::Numbers(Numbers { remedy: Some(_), .. }));
        let found: Vec<(String, Remedy)> = self
            .inputs
            .iter()
            .filter(is_read)
            .filter_map(|input| {
                let cells = source.rows.iter().filter_map(|row| row.cells.get(input.field.at));
                let remedy = looks::column(cells.filter(|text| !self.missing.contain(text)))?;
                Some((input.field.name.clone(), remedy))
            })
            .collect();
        let inputs = self.inputs.iter().map(|input| input.field.name.clone()).collect();
        self.faults.leave_out(inputs, &found);
    }

    fn read_row(&mut self, row: &Row) {
        let is_missing = |field: &Field| self.missing.contain(&row.cells[field.at]);
        let lacks_target = self.targets.iter().any(|target| is_missing(&target.field));
        if lacks_target && !self.request.target_required {
            self.targets.clear();
        }
        let lacks_input = self.inputs.iter().any(|input| is_missing(&input.field));
        let lacks_target = lacks_target && self.request.target_required;
        if self.request.missing == Missing::Drop && (lacks_input || lacks_target) {
            self.dropped += 1;
            return;
        }
        self.lines.push(row.line);
        let faults = &mut self.faults;
        let missing = &self.missing;
        for Input { field, cells } in &mut self.inputs {
            take(row, field, missing, faults, |text| cells.push(text));
        }
        for Target { field, cells } in &mut self.targets {
            take(row, field, missing, faults, |text| cells.push(text));
        }
    }
}

/// Takes one cell, or notes what is wrong with it.
fn take(
    row: &Row,
    field: &Field,
    missing: &MissingWords,
    faults: &mut Faults,
    push: impl FnOnce(&str) -> Result<(), Problem>,
) {
    let text = &row.cells[field.at];
    let taken = if missing.contain(text) { Err(Problem::Missing { text: text.to_owned() }) } else { push(text) };
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
        InputCells::Categories(labels) => {
            Input { field: input.field, cells: InputCells::Categories(labels.folded().sorted()) }
        }
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
fn finish_targets(
    targets: Vec<Target>,
    kind: &TargetKind,
    place: &Place,
    lines: &[u64],
    encoding: &mut Encoding,
) -> Result<Targets, Error> {
    encoding.targets = targets.iter().map(|target| target.field.name.clone()).collect();
    let mut columns = Vec::new();
    for Target { field, cells } in targets {
        columns.push(match cells {
            TargetCells::Classes { labels, classes } => {
                let labels = labels.folded();
                let found = ClassColumn { place, name: Some(&field.name), lines, labels }.number(classes)?;
                encoding.classes.push(found.names);
                TargetColumn::Classes(found.rows)
            }
            TargetCells::Numbers(numbers) => TargetColumn::Numbers(numbers.values),
        });
    }
    Ok(together(columns, kind, lines.len()))
}

/// The target columns as the kind of targets has them.
pub(crate) fn together(mut columns: Vec<TargetColumn>, kind: &TargetKind, rows: usize) -> Targets {
    if columns.is_empty() {
        return Targets::None;
    }
    match (kind, &mut columns[..]) {
        (TargetKind::Class { .. }, [TargetColumn::Classes(rows)]) => Targets::Classes(std::mem::take(rows)),
        (TargetKind::Numbers, columns) => {
            let mut matrix = Array2::zeros((rows, columns.len()));
            for (mut into, column) in matrix.columns_mut().into_iter().zip(columns) {
                if let TargetColumn::Numbers(numbers) = column {
                    into.assign(&ArrayView1::from(&*numbers));
                }
            }
            Targets::Numbers(matrix)
        }
        (TargetKind::Class { .. } | TargetKind::Columns(_), _) => Targets::Columns(columns),
    }
}
