//! Runs an imported network, and compares its outputs with those of the model.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use nn_data::{NamedArray, npz_arrays};
use nn_onnx::Interface;

use crate::arrays::Arrays;
use crate::error::Error;
use crate::program::{Program, TargetDir};
use crate::spec::Spec;
use crate::wording::{counted, few_quoted};

/// How far a number may be from the expected one, relative to the largest of its output.
const TOLERANCE: f32 = 1e-5;

/// Compares the network of a spec with `arrays`, and says how well they agree.
///
/// # Errors
///
/// The arrays cannot be read or do not fit, or an output differs.
pub fn check(
    spec: &Spec,
    weights: &[u8],
    [inputs, outputs]: [&Vec<Interface>; 2],
    arrays: &Path,
    target: &TargetDir,
) -> Result<String, Error> {
    let reference = Reference { path: arrays, arrays: read(arrays)? };
    let unfit = |mistakes| Error::UnfitCheck { path: arrays.to_owned(), mistakes };
    let rows = reference.rows(inputs).map_err(|mistake| unfit(vec![mistake]))?;
    let expected: Vec<(&Interface, &NamedArray)> =
        outputs.iter().filter_map(|output| Some((output, reference.find(output, "out")?))).collect();
    if expected.is_empty() {
        return Err(unfit(vec![format!("none of its arrays is an output of the model: {}", reference.names())]));
    }
    let file = tempfile::NamedTempFile::new().and_then(|file| fs::write(file.path(), weights).map(|()| file));
    let file = file.map_err(|source| Error::Write { path: PathBuf::from("a temporary file"), source })?;
    let program = Program::build(spec, 1, target)?;
    let mut sent = Arrays::default();
    sent.add_rows("predict", &rows);
    let found = program.predict(&sent, file.path(), 1)?;
    let widths: Vec<usize> = spec.outputs().map(|(_, width)| width).collect();
    let results = expected.iter().map(|(output, array)| compared(output, array, &found, &widths));
    let (agree, differ): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
    let differences: Vec<String> = differ.into_iter().filter_map(Result::err).collect();
    if !differences.is_empty() {
        return Err(Error::OtherOutputs { path: arrays.to_owned(), differences });
    }
    let worst = agree.into_iter().filter_map(Result::ok).fold(0.0, f32::max);
    let rows = counted(rows.nrows(), "row");
    Ok(format!(
        "checked with {rows} of {}: outputs differ by at most {worst:.1e} of the largest number",
        arrays.display()
    ))
}

/// The inputs and outputs to compare with.
struct Reference<'a> {
    path: &'a Path,
    arrays: Vec<NamedArray>,
}

fn read(path: &Path) -> Result<Vec<NamedArray>, Error> {
    let read = |path: &Path| fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source });
    let unfit = |path: &Path, mistake: String| Error::UnfitCheck { path: path.to_owned(), mistakes: vec![mistake] };
    if !path.is_dir() {
        return npz_arrays(&read(path)?).map_err(|error| unfit(path, error.to_string()));
    }
    let entries = fs::read_dir(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "pb"));
    files.sort();
    let array = |file: &PathBuf| {
        let (name, shape, numbers) = nn_onnx::tensor(&read(file)?).map_err(|reason| unfit(file, reason))?;
        Ok(NamedArray { name, shape, numbers })
    };
    files.iter().map(array).collect()
}

impl Reference<'_> {
    /// The array of an input or an output: by its name, alone or in the folder `in` or `out`. A
    /// slash in a name may be an underscore.
    fn find(&self, interface: &Interface, folder: &str) -> Option<&NamedArray> {
        let plain = interface.file.replace('/', "_");
        let names = [interface.file.clone(), plain.clone(), format!("{folder}/{plain}")];
        self.arrays.iter().find(|array| names.contains(&array.name))
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.arrays.iter().map(|array| array.name.as_str()).collect();
        if names.is_empty() { format!("{} has no arrays", self.path.display()) } else { few_quoted(&names) }
    }

    /// The rows of all inputs, side by side, in the order of the spec.
    fn rows(&self, inputs: &[Interface]) -> Result<Array2<f32>, String> {
        let mut columns: Vec<Vec<Vec<f32>>> = Vec::new();
        for input in inputs {
            let found = self.find(input, "in");
            let array = found.ok_or_else(|| format!("no array is called `{}`: {}", input.file, self.names()))?;
            let width = input.width();
            if array.numbers.is_empty() || !array.numbers.len().is_multiple_of(width) {
                return Err(format!("`{}` is {:?}, but its rows are {:?}", array.name, array.shape, input.file_dims));
            }
            columns.push(input.rows(&array.numbers).chunks(width).map(<[f32]>::to_vec).collect());
        }
        let count = columns.first().map_or(0, Vec::len);
        if columns.iter().any(|rows| rows.len() != count) {
            return Err("its inputs have different numbers of rows".to_owned());
        }
        let width: usize = columns.iter().filter_map(|rows| rows.first()).map(Vec::len).sum();
        let all = (0..count).flat_map(|row| columns.iter().flat_map(move |rows| rows[row].clone())).collect();
        Array2::from_shape_vec((count, width), all).map_err(|error| error.to_string())
    }
}

/// How far an output is from the expected one, or how it differs.
fn compared(output: &Interface, array: &NamedArray, found: &[Vec<f32>], widths: &[usize]) -> Result<f32, String> {
    let start: usize = widths[..output.at].iter().sum();
    let rows: Vec<&[f32]> = found.iter().map(|row| &row[start..][..widths[output.at]]).collect();
    if let Some(classes) = &output.classes {
        let found: Vec<&str> = rows.iter().map(|row| classes[largest(row)].as_str()).collect();
        let expected: Vec<String> = array.numbers.iter().map(f32::to_string).collect();
        let agree = found == expected;
        return if agree { Ok(0.0) } else { Err(format!("`{}` is {found:?} instead of {expected:?}", output.file)) };
    }
    if array.numbers.len() != rows.len() * output.width() {
        return Err(format!("`{}` is {:?} for {}", output.file, array.shape, counted(rows.len(), "row")));
    }
    let expected = output.rows(&array.numbers);
    let largest = expected.iter().fold(f32::MIN_POSITIVE, |largest, number| largest.max(number.abs()));
    let pairs = rows.iter().copied().flatten().zip(&expected);
    let difference = pairs.map(|(found, expected)| (found - expected).abs() / largest).fold(0.0, f32::max);
    if difference <= TOLERANCE {
        Ok(difference)
    } else {
        Err(format!("`{}` differs by {difference:.1e} of its largest number, {largest}", output.file))
    }
}

/// The place of the largest number.
fn largest(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (at, number)| if *number > row[best] { at } else { best })
}
