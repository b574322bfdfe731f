//! `nn predict SPEC`: predicts rows with trained weights, and prints csv.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use nn_data::{CellError, Encoding, Table};

use crate::arrays::{Arrays, Rows};
use crate::console;
use crate::error::Error;
use crate::examples;
use crate::files::Opened;
use crate::non_finite;
use crate::program::{Program, TargetDir};
use crate::spec::{Spec, is_stdin};
use crate::threads::Threads;
use crate::weights::Weights;

/// The arguments of `nn predict`.
#[derive(Args)]
pub struct Predict {
    /// The spec, a `.nn` file
    spec: PathBuf,
    /// The rows: a csv file with the input columns, an array (IDX, NPY, NPZ), an image or a folder
    /// of images; `-` for the standard input [default: -]
    file: Option<PathBuf>,
    /// A single row: its values in the order of the input columns, such as "5.1,3.5,1.4,0.2"
    #[arg(long, value_name = "VALUES", conflicts_with = "file", allow_hyphen_values = true)]
    row: Option<String>,
    /// The weights file [default: next to the spec, with the extension .safetensors]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The folder with the data files of the spec; they are read if the weights do not name the
    /// columns and classes [default: the folder in the spec]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    target: TargetDir,
}

impl Predict {
    /// Prints a line for each row: the predicted class and the probability of each class, or
    /// numbers. For a folder of images each line starts with the file.
    pub fn run(self) -> Result<(), Error> {
        if is_stdin(&self.spec) && self.row.is_none() && is_stdin(self.file()) {
            return Err(Error::StdinTwice);
        }
        let spec = Spec::read(&self.spec)?;
        let weights = Weights::find(&spec, self.weights.as_deref())?;
        let encoding = weights.input_encoding(&spec, self.data.as_deref())?;
        let table = self.read_rows(&spec, &encoding)?;
        examples::show_notes(&table);
        let shares_work = spec.compiled.rows_share_work(table.rows());
        let threads = self.threads.useful_or_note(shares_work, "there are too few rows to share the work");
        let program = Program::build(&spec, threads, &self.target)?;
        let rows = Rows::all(&table);
        let mut arrays = Arrays::default();
        arrays.add_inputs("predict", &rows);
        let outputs = program.predict(&arrays, &weights.path, threads)?;
        let name = |row: usize| match (&self.row, table.files.get(row)) {
            (Some(_), _) => "--row".to_owned(),
            (None, Some(file)) => file.clone(),
            (None, None) => format!("{} {}", table.unit, table.lines.get(row).copied().unwrap_or_default()),
        };
        if let Some(rows) = non_finite::predictions(&spec, &outputs, name) {
            return Err(Error::NonFinitePredictions(rows));
        }
        console::print(&Predictions::new(&spec, &encoding).csv(&outputs, &table.files)?)
    }

    fn read_rows(&self, spec: &Spec, encoding: &Encoding) -> Result<Table, Error> {
        let file = match &self.row {
            Some(row) => Opened::from_text("--row", with_header(row, spec, encoding)?),
            None => Opened::read(self.file())?,
        };
        examples::load_inputs(spec, file, encoding).map_err(|error| match error {
            // The line number of a single row says nothing.
            Error::Examples(nn_data::Error::Cells { errors, .. }) if self.row.is_some() => {
                Error::RowValues { errors: errors.listed.iter().map(in_column).collect() }
            }
            error => error,
        })
    }

    fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }
}

/// A wrong value, with its column.
fn in_column(CellError { column, problem, .. }: &CellError) -> String {
    match column {
        Some(column) => format!("column `{column}`: {problem}"),
        None => problem.to_string(),
    }
}

/// A row as csv with a header, with the delimiter of the spec.
fn with_header(row: &str, spec: &Spec, encoding: &Encoding) -> Result<String, Error> {
    let names: Vec<String> = encoding.columns.iter().map(|column| column.name.clone()).collect();
    let delimiter = examples::delimiter(spec);
    let cells = nn_data::cells("--row", row, delimiter)?;
    if cells.len() != names.len() {
        return Err(Error::RowWidth { network: spec.name().to_owned(), found: cells.len(), names });
    }
    csv(&[names, cells], delimiter)
}

/// Formats outputs as csv.
struct Predictions<'a> {
    /// For each output its number of elements, and the names of its classes if it predicts a class.
    outputs: Vec<(usize, Option<&'a [String]>)>,
    header: Vec<String>,
    /// For each element of all outputs, the offset that was subtracted from its targets.
    offsets: Vec<f64>,
}

impl<'a> Predictions<'a> {
    fn new(spec: &Spec, encoding: &'a Encoding) -> Self {
        let names: Vec<(&str, usize)> = spec.outputs().collect();
        let mut classes: Vec<Option<&[String]>> = vec![None; names.len()];
        let of_classes = spec.targets().filter(|(target, _)| target.is_class);
        for ((target, width), known) in of_classes.zip(&encoding.classes) {
            classes[target.index] = Some(known).filter(|known| known.len() == width).map(Vec::as_slice);
        }
        let width: usize = names.iter().map(|(_, width)| width).sum();
        let header = match (&names[..], &classes[..]) {
            ([_], [Some(classes)]) => encoding.targets.iter().chain(*classes).cloned().collect(),
            ([_], _) if encoding.targets.len() == width => encoding.targets.clone(),
            _ => names.iter().zip(&classes).flat_map(|(output, classes)| element_names(*output, *classes)).collect(),
        };
        let outputs = names.into_iter().zip(classes).map(|((_, width), classes)| (width, classes)).collect();
        Self { outputs, header, offsets: offsets(spec, encoding) }
    }

    /// A line for each row. If the rows are `files`, each line starts with the row's file.
    fn csv(&self, rows: &[Vec<f32>], files: &[String]) -> Result<String, Error> {
        let file = (!files.is_empty()).then(|| "file".to_owned());
        let header: Vec<String> = file.into_iter().chain(self.header.iter().cloned()).collect();
        let mut lines = vec![header];
        for (at, row) in rows.iter().enumerate() {
            let (mut rest, mut cells) = (&row[..], Vec::with_capacity(lines[0].len()));
            let mut offsets = self.offsets.iter();
            cells.extend(files.get(at).cloned());
            for (width, classes) in &self.outputs {
                let (output, after) = rest.split_at(*width);
                cells.extend(classes.and_then(|classes| most_probable(output, classes)));
                cells.extend(output.iter().zip(offsets.by_ref()).map(|(number, offset)| raw(*number, *offset)));
                rest = after;
            }
            lines.push(cells);
        }
        csv(&lines, ',')
    }
}

/// For each element of all outputs, the offset of the target column that it was trained on, or 0.
fn offsets(spec: &Spec, encoding: &Encoding) -> Vec<f64> {
    let widths: Vec<usize> = spec.outputs().map(|(_, width)| width).collect();
    let mut offsets = vec![0.0; widths.iter().sum()];
    let mut columns = encoding.targets.iter();
    for (target, width) in spec.targets() {
        let start: usize = widths[..target.index].iter().sum();
        let own = columns.by_ref().take(if target.is_class { 1 } else { width });
        for (at, column) in own.enumerate().filter(|_| !target.is_class) {
            offsets[start + at] = encoding.offsets.get(column).copied().unwrap_or(0.0);
        }
    }
    offsets
}

/// An element of an output plus the offset of its target, with as many digits as it has.
fn raw(number: f32, offset: f64) -> String {
    let text = number.to_string();
    match text.parse::<f64>() {
        Ok(number) if offset != 0.0 => (number + offset).to_string(),
        Ok(_) | Err(_) => text,
    }
}

/// The name of the most probable class.
fn most_probable(output: &[f32], classes: &[String]) -> Option<String> {
    let (most, _) = output.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    classes.get(most).cloned()
}

/// `value`, or `value.0`, `value.1`, … for an output of several numbers; of classes `action`,
/// `action.left`, ….
fn element_names((name, width): (&str, usize), classes: Option<&[String]>) -> Vec<String> {
    match (classes, width) {
        (Some(classes), _) => {
            let probabilities = classes.iter().map(|class| format!("{name}.{class}"));
            std::iter::once(name.to_owned()).chain(probabilities).collect()
        }
        (None, 1) => vec![name.to_owned()],
        (None, width) => (0..width).map(|index| format!("{name}.{index}")).collect(),
    }
}

/// Lines of cells as csv.
fn csv(lines: &[Vec<String>], delimiter: char) -> Result<String, Error> {
    let delimiter = u8::try_from(delimiter).map_err(|_| nn_data::Error::Delimiter { delimiter })?;
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    // Writing to a `Vec` cannot fail.
    let written = lines.iter().try_for_each(|cells| writer.write_record(cells)).map_err(io::Error::other);
    let text = written.and_then(|()| writer.into_inner().map_err(|error| error.into_error()));
    text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|source| Error::Print { source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::SpecFile;

    #[test]
    fn a_row_has_the_delimiter_of_the_spec() {
        let spec = "network N { input x: [2]; output y = x -> dense(1); \
                    data { csv: \"d.csv\"; target: c; delimiter: \";\"; } }";
        let spec = SpecFile::compile("n.nn".into(), spec.to_owned()).spec.unwrap();
        let encoding = Encoding::numbered(2, 1);
        assert_eq!(with_header("1; \"a;b\"", &spec, &encoding).unwrap(), "x1;x2\n1;\"a;b\"\n");
        let error = with_header("1,2", &spec, &encoding).unwrap_err();
        assert_eq!(error.to_string(), "--row has 1 value, but `N` takes 2: x1, x2");
    }
}
