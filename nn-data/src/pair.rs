//! Two arrays in, a table out: the rows of one are inputs, those of the other the targets.

use ndarray::Array2;

use crate::array::{Array, ArrayFile, Index};
use crate::classes::ClassColumn;
use crate::encoding::Encoding;
use crate::error::{Error, Place};
use crate::fault::{Faults, Problem};
use crate::labels::Labels;
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
}

/// Integers beyond this are not all different in 32 bits.
const MOST_LABEL: f32 = 16_777_216.0;

/// Reads arrays. Rows are counted from 0; the inputs are called `x1`, `x2`, …, the targets `y1`, `y2`, …. Classes
/// are whole numbers and follow the rules of [`TargetKind::Class`]; where an earlier encoding is given, they are its
/// classes.
///
/// # Errors
///
/// Where a file cannot be read, is damaged or holds no such array, the two differ in their rows, there are no rows
/// or no numbers in a row, a number is not finite, or classes do not fit.
pub fn load_arrays(request: &ArrayRequest, encoding: Option<&Encoding>) -> Result<Table, Error> {
    let place = request.inputs.place();
    let Array { shape, numbers } = request.inputs.read()?;
    let (rows, row_shape) = split_shape(&shape);
    if rows == 0 {
        return Err(Error::NoRows { place, dropped: 0 });
    }
    let width = numbers.len() / rows;
    if width == 0 {
        return Err(Error::NoInputs { place });
    }
    let inputs = matrix(rows, width, numbers);
    let mut own = Encoding::numbered(width, 0);
    let lines: Vec<u64> = (0..rows as u64).collect();
    let targets = match &request.targets {
        None => Targets::None,
        Some(file) => {
            let found = file.read()?;
            let target_rows = split_shape(&found.shape).0;
            if target_rows != rows {
                return Err(Error::UnpairedFiles { inputs: place, rows, targets: file.place(), target_rows });
            }
            targets(found, &file.place(), &request.target_kind, encoding, &lines, &mut own)?
        }
    };
    let encoding = encoding.cloned().unwrap_or(own);
    Ok(Table {
        inputs,
        targets,
        encoding,
        row_shape,
        unit: place.unit(),
        lines,
        files: Vec::new(),
        dropped: 0,
        notes: Vec::new(),
    })
}

/// Rows, and the shape of each.
fn split_shape(shape: &[usize]) -> (usize, Vec<usize>) {
    match shape {
        [] => (0, Vec::new()),
        [rows] => (*rows, vec![1]),
        [rows, row @ ..] => (*rows, row.to_vec()),
    }
}

/// Numbers row by row, of which there are as many as that makes.
pub(crate) fn matrix(rows: usize, width: usize, numbers: Vec<f32>) -> Array2<f32> {
    Array2::from_shape_vec((rows, width), numbers).unwrap_or_else(|_| Array2::zeros((rows, width)))
}

fn targets(
    Array { shape, numbers }: Array,
    place: &Place,
    kind: &TargetKind,
    known: Option<&Encoding>,
    lines: &[u64],
    encoding: &mut Encoding,
) -> Result<Targets, Error> {
    let width = numbers.len() / lines.len();
    encoding.targets = Encoding::numbered(0, width).targets;
    match kind {
        TargetKind::Numbers => return Ok(Targets::Numbers(matrix(lines.len(), width, numbers))),
        TargetKind::Class { .. } if width != 1 => {
            return Err(Error::NoLabels { place: place.clone(), shape: Index(shape) });
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
                let labels = labels(numbers, open, place, lines)?;
                let found = ClassColumn { place, name: None, lines, labels }.number(classes)?;
                encoding.classes.push(found.names);
                TargetColumn::Classes(found.rows)
            }
            TargetKind::Numbers | TargetKind::Columns(_) => TargetColumn::Numbers(numbers.collect()),
        });
    }
    Ok(together(columns, kind, lines.len()))
}

/// The labels that numbers are.
fn labels(
    numbers: impl Iterator<Item = f32>,
    mut labels: Labels,
    place: &Place,
    lines: &[u64],
) -> Result<Labels, Error> {
    let mut faults = Faults::default();
    for (number, line) in numbers.zip(lines) {
        let text = number.to_string();
        if number.fract() != 0.0 || number.abs() >= MOST_LABEL {
            faults.push(*line, None, Problem::NotALabel { text });
        } else if !labels.push(&text) {
            faults.push(*line, None, Problem::UnknownClass { text, known: labels.names.clone() });
        }
    }
    match faults.is_empty() {
        true => Ok(labels),
        false => Err(Error::Cells { place: place.clone(), faults }),
    }
}
