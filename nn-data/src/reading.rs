//! The rows of a file in, a table out: takes each cell by its column, then puts the columns side by
//! side.
//!
//! All wrong cells are found, not the first; a table is returned only if there are none.

use ndarray::{Array1, Array2, ArrayView1};

use crate::cell::MissingWords;
use crate::cell_errors::CellErrors;
use crate::classes::ClassColumn;
use crate::collapse::{self, Collapsed, Spread};
use crate::encoding::{Column, Encoding};
use crate::error::Error;
use crate::labels::Labels;
use crate::limit::Limit;
use crate::limits::Limited;
use crate::looks;
use crate::number;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::remedy::Remedy;
use crate::request::{Missing, Request, TargetKind};
use crate::selection::Field;
use crate::source::{Row, Source};
use crate::table::{Table, TargetColumn, Targets};
use crate::weights::Weights;

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
    /// Labels, with the number of classes if that is known.
    Classes {
        labels: Labels,
        classes: Option<usize>,
        /// The line of each label.
        lines: Vec<u64>,
    },
    Numbers(Numbers),
}

/// What was read of a column of numbers.
pub(crate) struct Numbers {
    /// Those of all rows, NaN if a cell has none.
    values: Vec<f32>,
    remedy: Option<Remedy>,
    /// What is subtracted, before anything is rounded.
    offset: f64,
    spread: Spread,
}

impl Numbers {
    /// An empty column; `remedy` is what to do about text in it, and `offset` is subtracted from
    /// each number.
    pub fn new(remedy: Option<Remedy>, offset: f64) -> Numbers {
        Numbers { values: Vec::new(), remedy, offset, spread: Spread::default() }
    }

    fn push(&mut self, cell: Result<&str, Problem>) -> Result<(), Problem> {
        let number = cell.and_then(|text| self.number(text));
        self.values.push(*number.as_ref().unwrap_or(&f32::NAN));
        number.map(|_| ())
    }

    /// The number of a cell, less the offset.
    fn number(&mut self, text: &str) -> Result<f32, Problem> {
        let number = number::exact(text, self.remedy)?;
        let rounded = number::in_range(number - self.offset, text)?;
        self.spread.push(number, self.offset);
        Ok(rounded)
    }

    /// Notes every number beyond a limit.
    fn check(&self, limit: Option<&Limit>, name: &str, lines: &[u64], errors: &mut CellErrors) {
        if let Some(limit) = limit {
            let numbers = self.values.iter().copied();
            Limited { limit, name: Some(name), numbers, offset: self.offset, lines }.check(errors);
        }
    }
}

impl InputCells {
    fn push(&mut self, cell: Result<&str, Problem>) -> Result<(), Problem> {
        match self {
            InputCells::Numbers(numbers) => numbers.push(cell),
            InputCells::Categories(labels) => {
                push_label(labels, cell?, |text, known| Problem::UnknownCategory { text, known })
            }
        }
    }
}

/// Adds a label, or reports with `unknown` that it is not among the known ones.
fn push_label(
    labels: &mut Labels,
    text: &str,
    unknown: impl FnOnce(String, Vec<String>) -> Problem,
) -> Result<(), Problem> {
    if labels.push(text) { Ok(()) } else { Err(unknown(text.to_owned(), labels.names.clone())) }
}

impl TargetCells {
    fn push(&mut self, cell: Result<&str, Problem>, line: u64) -> Result<(), Problem> {
        match self {
            TargetCells::Classes { labels, lines, .. } => {
                push_label(labels, cell?, |text, known| Problem::UnknownClass { text, known })?;
                lines.push(line);
                Ok(())
            }
            TargetCells::Numbers(numbers) => numbers.push(cell),
        }
    }
}

/// A table while its rows are read.
pub(crate) struct Reader<'a> {
    request: &'a Request,
    missing: MissingWords,
    missing_words: Option<&'a [String]>,
    inputs: Vec<Input>,
    targets: Vec<Target>,
    weights: Option<Weights>,
    lines: Vec<u64>,
    dropped: usize,
    errors: CellErrors,
}

impl<'a> Reader<'a> {
    /// A reader of a file in which these words mean a missing cell; the usual ones where there are
    /// none.
    pub fn new(
        request: &'a Request,
        missing_words: Option<&'a [String]>,
        inputs: Vec<Input>,
        targets: Vec<Target>,
        weights: Option<Weights>,
    ) -> Reader<'a> {
        Reader {
            request,
            missing: MissingWords::new(missing_words),
            missing_words,
            inputs,
            targets,
            weights,
            lines: Vec::new(),
            dropped: 0,
            errors: CellErrors::default(),
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
                self.errors.push(row.line, None, Problem::CellCount { found, expected });
            }
        }
        self.inputs = std::mem::take(&mut self.inputs).into_iter().map(sort_categories).collect();
        self.check_limits();
        if !self.errors.is_empty() {
            self.look_at_columns(source);
        }
        let origin = Origin::File(source.path.clone());
        let collapsed = self.collapsed(source);
        let Reader { mut errors, dropped, .. } = self;
        if self.lines.is_empty() && errors.is_empty() {
            return Err(Error::NoRows { origin, dropped });
        }
        let weights = self.weights.map(|weights| weights.finish(&origin, &errors)).transpose()?;
        let (missing_words, offsets) = (self.request.missing_words.clone(), self.request.offsets.clone());
        let mut encoding = Encoding { missing_words, offsets, ..Encoding::default() };
        let targets = finish_targets(self.targets, &self.request.target_kind, &origin, self.lines.len(), &mut encoding);
        if !errors.is_empty() {
            if let Err(Error::Cells { errors: of_classes, .. }) = targets {
                errors.extend(*of_classes);
            }
            errors.sort();
            return Err(Error::Cells { origin, errors: Box::new(errors) });
        }
        let targets = targets.map_err(|error| match error {
            Error::TooFewClasses { origin, column, labels, classes, .. } => {
                Error::TooFewClasses { origin, column, labels, classes, dropped }
            }
            error => error,
        })?;
        let (columns, inputs) = side_by_side(self.inputs, self.lines.len());
        let row_shape = vec![inputs.ncols()];
        encoding.columns = columns;
        Ok(Table {
            inputs,
            targets,
            weights,
            encoding,
            row_shape,
            unit: origin.unit(),
            lines: self.lines,
            files: Vec::new(),
            dropped,
            notes: Vec::new(),
            collapsed,
        })
    }

    /// Finds remedies for texts in input columns, once it is known that some cells are wrong.
    fn look_at_columns(&mut self, source: &Source) {
        let is_read = |input: &&Input| matches!(&input.cells, InputCells::Numbers(Numbers { remedy: Some(_), .. }));
        let is_wanted =
            |target: &&Target| matches!(&target.cells, TargetCells::Numbers(Numbers { remedy: Some(_), .. }));
        let look = |field: &Field| {
            let cells = source.rows.iter().filter_map(|row| row.cells.get(field.at));
            let remedy = looks::column(cells.filter(|text| !self.missing.contain(text)))?;
            Some((field.name.clone(), remedy))
        };
        let targets = self.targets.iter().filter(is_wanted).filter_map(|target| look(&target.field));
        let found: Vec<(String, Remedy)> = self
            .inputs
            .iter()
            .filter(is_read)
            .filter_map(|input| look(&input.field))
            .chain(targets.filter(|(_, remedy)| !remedy.leaves_out()))
            .collect();
        let inputs = self.inputs.iter().map(|input| input.field.name.clone()).collect();
        self.errors.note_remedies(inputs, &found);
        let inputs = self.inputs.iter().filter(|input| matches!(input.cells, InputCells::Categories(_)));
        let targets = self.targets.iter().filter(|target| matches!(target.cells, TargetCells::Classes { .. }));
        let labels = inputs.map(|input| &input.field).chain(targets.map(|target| &target.field));
        self.errors.labels = labels.map(|field| field.name.clone()).collect();
        self.errors.keeps_rows = !self.request.target_required;
        self.errors.missing_words = self.missing_words.map(<[String]>::to_vec);
    }

    /// Notes every number that its column may not hold.
    fn check_limits(&mut self) {
        let limits = &self.request.limits;
        let mut at = 0;
        for Input { field, cells } in &self.inputs {
            match cells {
                InputCells::Numbers(numbers) => {
                    numbers.check(limits.of_input(at), &field.name, &self.lines, &mut self.errors);
                    at += 1;
                }
                InputCells::Categories(labels) => at += labels.names.len(),
            }
        }
        for (at, Target { field, cells }) in self.targets.iter().enumerate() {
            match cells {
                TargetCells::Numbers(numbers) => {
                    numbers.check(limits.of_target(at), &field.name, &self.lines, &mut self.errors);
                }
                TargetCells::Classes { .. } => {}
            }
        }
    }

    /// The columns in which numbers that differ became one.
    fn collapsed(&self, source: &Source) -> Vec<Collapsed> {
        let inputs = self.inputs.iter().map(|Input { field, cells }| match cells {
            InputCells::Numbers(numbers) => (field, false, Some(numbers)),
            InputCells::Categories(_) => (field, false, None),
        });
        let targets = self.targets.iter().map(|Target { field, cells }| match cells {
            TargetCells::Numbers(numbers) => (field, true, Some(numbers)),
            TargetCells::Classes { .. } => (field, true, None),
        });
        let found = |(field, is_target, numbers): (&Field, bool, Option<&Numbers>)| {
            let Numbers { offset, spread, .. } = numbers?;
            let mut lines = self.lines.iter().peekable();
            let rows = source.rows.iter().filter(|row| lines.next_if_eq(&&row.line).is_some());
            let cells = rows.map(|row| (row.line, &row.cells[field.at]));
            collapse::find(&field.name, is_target, spread, *offset, cells)
        };
        inputs.chain(targets).filter_map(found).collect()
    }

    fn read_row(&mut self, row: &Row) {
        let is_missing = |field: &Field| self.missing.contain(&row.cells[field.at]);
        let lacks_target = self.targets.iter().any(|target| is_missing(&target.field));
        if lacks_target && !self.request.target_required {
            self.targets.clear();
        }
        let lacks_input = self.inputs.iter().any(|input| is_missing(&input.field));
        let lacks_target = lacks_target && self.request.target_required;
        let lacks_weight = self.weights.as_ref().is_some_and(|weights| is_missing(&weights.field));
        if self.request.missing == Missing::Drop && (lacks_input || lacks_target || lacks_weight) {
            self.dropped += 1;
            return;
        }
        self.lines.push(row.line);
        let errors = &mut self.errors;
        let missing = &self.missing;
        for Input { field, cells } in &mut self.inputs {
            take(row, field, missing, errors, |cell| cells.push(cell));
        }
        for Target { field, cells } in &mut self.targets {
            take(row, field, missing, errors, |cell| cells.push(cell, row.line));
        }
        if let Some(weights) = &mut self.weights {
            let field = weights.field.clone();
            take(row, &field, missing, errors, |cell| weights.push(cell));
        }
    }
}

/// Adds one cell, or notes what is wrong with it.
fn take(
    row: &Row,
    field: &Field,
    missing: &MissingWords,
    errors: &mut CellErrors,
    push: impl FnOnce(Result<&str, Problem>) -> Result<(), Problem>,
) {
    let text = &row.cells[field.at];
    let cell = if missing.contain(text) { Err(Problem::Missing { text: text.to_owned() }) } else { Ok(text) };
    if let Err(problem) = push(cell) {
        errors.push(row.line, Some(&field.name), problem);
    }
}

/// The inputs, whose categories are sorted, as a matrix of `rows` rows, and its columns.
fn side_by_side(inputs: Vec<Input>, rows: usize) -> (Vec<Column>, Array2<f32>) {
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
    origin: &Origin,
    rows: usize,
    encoding: &mut Encoding,
) -> Result<Targets, Error> {
    encoding.targets = targets.iter().map(|target| target.field.name.clone()).collect();
    let mut columns = Vec::new();
    for Target { field, cells } in targets {
        columns.push(match cells {
            TargetCells::Classes { labels, classes, lines } => {
                let labels = labels.folded();
                let found = ClassColumn { origin, name: Some(&field.name), lines: &lines, labels }.number(classes)?;
                encoding.classes.push(found.names);
                TargetColumn::Classes(found.rows)
            }
            TargetCells::Numbers(numbers) => TargetColumn::Numbers(numbers.values),
        });
    }
    Ok(together(columns, kind, rows))
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
