//! `nn predict SPEC`: answers rows with trained weights, as csv.

use std::path::{Path, PathBuf};

use clap::Args;
use nn_data::{CellError, Encoding, Table};

use crate::arrays::{Arrays, Rows};
use crate::console;
use crate::error::Error;
use crate::examples;
use crate::files::Opened;
use crate::non_finite;
use crate::program::Program;
use crate::spec::{Spec, is_stdin};
use crate::threads::Threads;
use crate::weights::Weights;

/// The arguments of `nn predict`.
#[derive(Args)]
pub struct Predict {
    /// The spec
    spec: PathBuf,
    /// A csv file with the input columns of the spec's data, an array (IDX, NPY, NPZ), an image or a folder of images;
    /// `-` is the standard input [default: -]
    file: Option<PathBuf>,
    /// One row instead: its values in the order of the input columns, such as "5.1,3.5,1.4,0.2"
    #[arg(long, value_name = "VALUES", conflicts_with = "file", allow_hyphen_values = true)]
    row: Option<String>,
    /// The weights [default: beside the spec, with .safetensors]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The folder that holds the files of the spec's data, which are read where the weights do not name their columns
    /// and classes [default: the spec's]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

impl Predict {
    /// Prints a line for each row: the class and the probability of each, or numbers; for a folder of images, the file
    /// before them.
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
        let threads = self.threads.useful_or_note(shares_work, "the rows are too little work to be shared");
        let program = Program::build(&spec, threads)?;
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
        console::print(&Answers::new(&spec, &encoding).text(&outputs, &table.files))
    }

    fn read_rows(&self, spec: &Spec, encoding: &Encoding) -> Result<Table, Error> {
        let file = match &self.row {
            Some(row) => Opened::of_text("--row", with_header(row, spec, encoding)?),
            None => Opened::read(self.file())?,
        };
        examples::load_inputs(spec, file, encoding).map_err(|error| match error {
            // A row that was made a file has no line.
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

/// What is wrong with a value, and in which column.
fn in_column(CellError { column, problem, .. }: &CellError) -> String {
    match column {
        Some(column) => format!("column `{column}`: {problem}"),
        None => problem.to_string(),
    }
}

/// A row as a csv file of its own, with the delimiter of the spec.
fn with_header(row: &str, spec: &Spec, encoding: &Encoding) -> Result<String, Error> {
    let names: Vec<String> = encoding.columns.iter().map(|column| column.name.clone()).collect();
    let delimiter = examples::delimiter(spec);
    let cells = nn_data::cells("--row", row, delimiter)?;
    if cells.len() != names.len() {
        return Err(Error::RowWidth { network: spec.name().to_owned(), found: cells.len(), names });
    }
    Ok(format!("{}\n{}\n", csv_line(&names, delimiter), csv_line(&cells, delimiter)))
}

/// How outputs become lines.
struct Answers<'a> {
    /// For each output, how many numbers it holds, and the names of its classes where it is a probability for each.
    outputs: Vec<(usize, Option<&'a [String]>)>,
    header: Vec<String>,
    /// For each number of all outputs, what was subtracted from its targets.
    offsets: Vec<f64>,
}

impl<'a> Answers<'a> {
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

    /// A line for each row; where rows are `files`, each begins with its own.
    fn text(&self, rows: &[Vec<f32>], files: &[String]) -> String {
        let file = (!files.is_empty()).then(|| "file".to_owned());
        let header: Vec<String> = file.into_iter().chain(self.header.iter().cloned()).collect();
        let mut text = csv_line(&header, ',') + "\n";
        for (at, row) in rows.iter().enumerate() {
            let (mut rest, mut cells) = (&row[..], Vec::with_capacity(header.len()));
            let mut offsets = self.offsets.iter();
            cells.extend(files.get(at).cloned());
            for (width, classes) in &self.outputs {
                let (output, behind) = rest.split_at(*width);
                cells.extend(classes.and_then(|classes| most_probable(output, classes)));
                cells.extend(output.iter().zip(offsets.by_ref()).map(|(number, offset)| raw(*number, *offset)));
                rest = behind;
            }
            text += &(csv_line(&cells, ',') + "\n");
        }
        text
    }
}

/// For each number of all outputs, the offset of the target column that it was trained on; 0 where there is none.
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

/// A number of an output with what was subtracted from its targets, to as many digits as it has.
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

/// `value`, or `value.0`, `value.1`, … for an output of several numbers; of classes `action`, `action.left`, ….
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

/// Cells with a delimiter between them, quoted where they must be. (An empty line would be no row.)
fn csv_line(cells: &[String], delimiter: char) -> String {
    let is_blank = cells.iter().all(String::is_empty);
    let quoted = |cell: &String| match is_blank || cell.contains([delimiter, '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Source;

    #[test]
    fn a_row_has_the_delimiter_of_the_spec() {
        let spec = "network N { input x: [2]; output y = x -> dense(1); \
                    data { csv: \"d.csv\"; target: c; delimiter: \";\"; } }";
        let spec = Source::compile("n.nn".into(), spec.to_owned()).spec.unwrap();
        let encoding = Encoding::numbered(2, 1);
        assert_eq!(with_header("1; \"a;b\"", &spec, &encoding).unwrap(), "x1;x2\n1;\"a;b\"\n");
        let error = with_header("1,2", &spec, &encoding).unwrap_err();
        assert_eq!(error.to_string(), "--row has 1 value, but `N` takes 2: x1, x2");
    }
}
