//! Two arrays in, a table out: the rows of one are inputs, those of the other the targets.

use ndarray::{Array2, ArrayView1};

use crate::array::Array;
use crate::array_file::ArrayFile;
use crate::cell_errors::CellErrors;
use crate::classes::ClassColumn;
use crate::collapse::{self, Collapsed};
use crate::encoding::Encoding;
use crate::error::Error;
use crate::index::Index;
use crate::labels::Labels;
use crate::limits::{Limited, Limits};
use crate::origin::Origin;
use crate::problem::Problem;
use crate::reading::together;
use crate::request::TargetKind;
use crate::table::{Table, TargetColumn, Targets};

/// Which arrays to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayRequest {
    /// The inputs: a row for each step along the first dimension.
    pub inputs: ArrayFile,
    /// The targets, row by row as the inputs, if there are any.
    pub targets: Option<ArrayFile>,
    /// What the targets are.
    pub target_kind: TargetKind,
    /// Which numbers columns may hold. Any other is reported as an error.
    pub limits: Limits,
}

/// Integers beyond this are not all different in 32 bits.
const MOST_LABEL: f32 = 16_777_216.0;

/// Reads arrays. Rows are counted from 0; the inputs are called `x1`, `x2`, …, the targets `y1`,
/// `y2`, …. Classes are whole numbers and follow the rules of [`TargetKind::Class`]; where an
/// earlier encoding is given, they are its classes.
///
/// # Errors
///
/// Where a file cannot be read, is corrupt or holds no such array, the two differ in their rows,
/// there are no rows or no numbers in a row, a number is not finite, or classes do not fit.
pub fn load_arrays(request: &ArrayRequest, encoding: Option<&Encoding>) -> Result<Table, Error> {
    let origin = request.inputs.origin();
    let Array { shape, numbers, exact } = request.inputs.read()?;
    let (rows, row_shape) = split_shape(&shape);
    if rows == 0 {
        return Err(Error::NoRows { origin, dropped: 0 });
    }
    let width = numbers.len() / rows;
    if width == 0 {
        return Err(Error::NoInputs { origin });
    }
    if let Some(known) = encoding {
        check_count(width, known.input_names().len(), &origin)?;
    }
    let inputs = matrix(rows, width, numbers);
    let mut own = Encoding::numbered(width, 0);
    let lines: Vec<u64> = (0..rows as u64).collect();
    let mut collapsed: Vec<Collapsed> = collapse::first(&exact, width, &own.input_names(), false).into_iter().collect();
    check_inputs(&inputs, &request.limits, &own, &lines, &origin)?;
    let targets = match &request.targets {
        None => Targets::None,
        Some(file) => {
            let mut found = file.read()?;
            let target_rows = split_shape(&found.shape).0;
            if target_rows != rows {
                return Err(Error::UnpairedFiles { inputs: origin, rows, targets: file.origin(), target_rows });
            }
            let origin = file.origin();
            let exact = std::mem::take(&mut found.exact);
            let targets = targets(found, &origin, &request.target_kind, encoding, &lines, &mut own)?;
            check_targets(&targets, &request.limits, &own, &lines, &origin)?;
            collapsed.extend(collapse::first(&exact, exact.len() / rows, &own.targets, true));
            targets
        }
    };
    let encoding = encoding.cloned().unwrap_or(own);
    Ok(Table {
        inputs,
        targets,
        weights: None,
        encoding,
        row_shape,
        unit: origin.unit(),
        lines,
        files: Vec::new(),
        dropped: 0,
        notes: Vec::new(),
        collapsed,
    })
}

/// Refuses rows whose length differs from those read earlier.
fn check_count(found: usize, expected: usize, origin: &Origin) -> Result<(), Error> {
    match found == expected {
        true => Ok(()),
        false => Err(Error::Width { origin: origin.clone(), found, expected }),
    }
}

/// Rows, and the shape of each.
fn split_shape(shape: &[usize]) -> (usize, Vec<usize>) {
    match shape {
        [] => (0, Vec::new()),
        [rows] => (*rows, vec![1]),
        [rows, row @ ..] => (*rows, row.to_vec()),
    }
}

/// Numbers row by row, as many as the shape has.
pub(crate) fn matrix(rows: usize, width: usize, numbers: Vec<f32>) -> Array2<f32> {
    Array2::from_shape_vec((rows, width), numbers).unwrap_or_else(|_| Array2::zeros((rows, width)))
}

fn targets(
    Array { shape, numbers, .. }: Array,
    origin: &Origin,
    kind: &TargetKind,
    known: Option<&Encoding>,
    lines: &[u64],
    encoding: &mut Encoding,
) -> Result<Targets, Error> {
    let width = numbers.len() / lines.len();
    encoding.targets = Encoding::numbered(0, width).targets;
    match kind {
        TargetKind::Numbers => {
            if let Some(known) = known {
                check_count(width, known.targets.len(), origin)?;
            }
            return Ok(Targets::Numbers(matrix(lines.len(), width, numbers)));
        }
        TargetKind::Class { .. } if width != 1 => {
            return Err(Error::NoLabels { origin: origin.clone(), shape: Index(shape) });
        }
        TargetKind::Columns(kinds) if width != kinds.len() => {
            return Err(Error::TargetCount { targets: encoding.targets.clone(), expected: kinds.len() });
        }
        TargetKind::Class { .. } | TargetKind::Columns(_) => {}
    }
    let mut known = known.map(|known| known.classes.as_slice()).unwrap_or_default().iter();
    let mut columns = Vec::new();
    for (at, kind) in kind.of_columns(width).into_iter().enumerate() {
        let numbers = numbers.iter().copied().skip(at).step_by(width);
        columns.push(match kind {
            TargetKind::Class { classes } => {
                let open = known.next().map_or_else(Labels::open, |names| Labels::closed(names));
                let labels = labels(numbers, open, origin, lines)?;
                let found = ClassColumn { origin, name: None, lines, labels }.number(classes)?;
                encoding.classes.push(found.names);
                TargetColumn::Classes(found.rows)
            }
            TargetKind::Numbers | TargetKind::Columns(_) => TargetColumn::Numbers(numbers.collect()),
        });
    }
    Ok(together(columns, kind, lines.len()))
}

/// Refuses numbers that inputs may not hold.
fn check_inputs(
    inputs: &Array2<f32>,
    limits: &Limits,
    encoding: &Encoding,
    lines: &[u64],
    origin: &Origin,
) -> Result<(), Error> {
    let mut errors = CellErrors::default();
    let places = limits.inputs.iter().flat_map(|(range, _)| range.clone());
    for at in places.take_while(|at| *at < inputs.ncols()) {
        if let (Some(limit), Some(column)) = (limits.of_input(at), encoding.columns.get(at)) {
            let numbers = inputs.column(at).into_iter().copied();
            Limited { limit, name: Some(&column.name), numbers, offset: 0.0, lines }.check(&mut errors);
        }
    }
    refuse(errors, origin)
}

/// Refuses numbers that targets may not hold.
fn check_targets(
    targets: &Targets,
    limits: &Limits,
    encoding: &Encoding,
    lines: &[u64],
    origin: &Origin,
) -> Result<(), Error> {
    let mut errors = CellErrors::default();
    let mut check = |at: usize, numbers: ArrayView1<f32>| {
        let name = encoding.targets.get(at).filter(|_| encoding.targets.len() > 1).map(String::as_str);
        if let Some(limit) = limits.of_target(at) {
            let numbers = numbers.into_iter().copied();
            Limited { limit, name, numbers, offset: 0.0, lines }.check(&mut errors);
        }
    };
    match targets {
        Targets::Numbers(matrix) => matrix.columns().into_iter().enumerate().for_each(|(at, column)| check(at, column)),
        Targets::Columns(columns) => {
            for (at, column) in columns.iter().enumerate() {
                match column {
                    TargetColumn::Numbers(numbers) => check(at, ArrayView1::from(numbers)),
                    TargetColumn::Classes(_) => {}
                }
            }
        }
        Targets::Classes(_) | Targets::None => {}
    }
    refuse(errors, origin)
}

fn refuse(mut errors: CellErrors, origin: &Origin) -> Result<(), Error> {
    if errors.is_empty() {
        return Ok(());
    }
    errors.sort();
    Err(Error::Cells { origin: origin.clone(), errors: Box::new(errors) })
}

/// The labels that numbers are.
fn labels(
    numbers: impl Iterator<Item = f32>,
    mut labels: Labels,
    origin: &Origin,
    lines: &[u64],
) -> Result<Labels, Error> {
    let mut errors = CellErrors::default();
    for (number, line) in numbers.zip(lines) {
        // 0 and -0 are equal.
        let text = (number + 0.0).to_string();
        if number.fract() != 0.0 || number.abs() >= MOST_LABEL {
            errors.push(*line, None, Problem::NotALabel { text });
        } else if !labels.push(&text) {
            errors.push(*line, None, Problem::UnknownClass { text, known: labels.names.clone() });
        }
    }
    refuse(errors, origin)?;
    Ok(labels)
}
