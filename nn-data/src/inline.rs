//! Examples in the spec itself: rows of numbers in, a table out.

use ndarray::Array2;

use crate::cell_errors::CellErrors;
use crate::classes::ClassColumn;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::labels::Labels;
use crate::number;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::reading::together;
use crate::request::TargetKind;
use crate::table::{Table, TargetColumn};

impl Table {
    /// A table of rows of numbers; the input columns are called `x1`, `x2`, …, the targets `y1`,
    /// `y2`, ….
    ///
    /// The width is the first row's. Classes are numbers, one in each row of the targets (or in
    /// each column that holds classes), and follow the rules of [`TargetKind::Class`].
    ///
    /// # Errors
    ///
    /// Where there are no rows or no columns, rows differ in width, inputs and targets differ in
    /// number, a number is not a finite `f32`, or classes do not fit.
    pub fn from_rows(inputs: &[Vec<f64>], targets: &[Vec<f64>], kind: &TargetKind) -> Result<Table, Error> {
        let origin = Origin::Inline;
        if inputs.len() != targets.len() {
            let (inputs, targets) = (inputs.len(), targets.len());
            return Err(Error::Unpaired { inputs, targets });
        }
        let (Some(first_input), Some(first_target)) = (inputs.first(), targets.first()) else {
            return Err(Error::NoRows { origin, dropped: 0 });
        };
        if first_input.is_empty() {
            return Err(Error::NoInputs { origin });
        }
        let target_columns = match kind {
            TargetKind::Class { .. } => 1,
            TargetKind::Numbers if first_target.is_empty() => return Err(Error::NoTarget),
            TargetKind::Numbers => first_target.len(),
            TargetKind::Columns(kinds) => kinds.len(),
        };
        let mut encoding = Encoding::numbered(first_input.len(), target_columns);
        let mut errors = CellErrors::default();
        let input_matrix = matrix(inputs, &encoding.input_names(), &mut errors);
        let target_matrix = matrix(targets, &encoding.targets, &mut errors);
        if !errors.is_empty() {
            return Err(Error::Cells { origin, errors: Box::new(errors) });
        }
        let lines: Vec<u64> = (1..=inputs.len() as u64).collect();
        let mut columns = Vec::new();
        for (at, kind) in kind.of_columns(target_columns).into_iter().enumerate() {
            columns.push(match kind {
                TargetKind::Class { classes } => {
                    let (name, labels) = (&encoding.targets[at], labels(targets, at));
                    let found =
                        ClassColumn { origin: &origin, name: Some(name), lines: &lines, labels }.number(classes)?;
                    encoding.classes.push(found.names);
                    TargetColumn::Classes(found.rows)
                }
                TargetKind::Numbers | TargetKind::Columns(_) => {
                    TargetColumn::Numbers(target_matrix.column(at).to_vec())
                }
            });
        }
        let targets = together(columns, kind, inputs.len());
        Ok(Table {
            row_shape: vec![input_matrix.ncols()],
            unit: origin.unit(),
            inputs: input_matrix,
            targets,
            weights: None,
            encoding,
            lines,
            files: Vec::new(),
            dropped: 0,
            notes: Vec::new(),
            collapsed: Vec::new(),
        })
    }
}

/// The rows as a matrix with a column for each name; mistakes are noted and left 0.
fn matrix(rows: &[Vec<f64>], names: &[String], errors: &mut CellErrors) -> Array2<f32> {
    let mut matrix = Array2::zeros((rows.len(), names.len()));
    for ((cells, mut into), line) in rows.iter().zip(matrix.rows_mut()).zip(1..) {
        let (found, expected) = (cells.len(), names.len());
        if found != expected {
            errors.push(line, None, Problem::CellCount { found, expected });
            continue;
        }
        for ((&number, into), name) in cells.iter().zip(&mut into).zip(names) {
            match number::in_range(number, &number.to_string()) {
                Ok(number) => *into = number,
                Err(problem) => errors.push(line, Some(name), problem),
            }
        }
    }
    matrix
}

/// The classes, which are the numbers at one position of the rows.
fn labels(rows: &[Vec<f64>], at: usize) -> Labels {
    let mut labels = Labels::open();
    for number in rows.iter().filter_map(|row| row.get(at)) {
        // 0 and -0 are equal.
        labels.push(&(number + 0.0).to_string());
    }
    labels
}
