//! `nn predict SPEC`: answers rows with trained weights, as csv.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use nn_data::{Encoding, Table};

use crate::arrays::Arrays;
use crate::console;
use crate::error::Error;
use crate::examples;
use crate::interrupts::Interrupts;
use crate::program::Program;
use crate::spec::Spec;
use crate::threads::Threads;
use crate::weights::Weights;

/// The arguments of `nn predict`.
#[derive(Args)]
pub struct Predict {
    /// The spec
    spec: PathBuf,
    /// A csv file with the input columns of the spec's data [default: the standard input]
    csv: Option<PathBuf>,
    /// One row instead: its values in the order of the input columns, such as "5.1,3.5,1.4,0.2"
    #[arg(long, value_name = "VALUES", conflicts_with = "csv", allow_hyphen_values = true)]
    row: Option<String>,
    /// The weights [default: the spec's name with .safetensors, here]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

impl Predict {
    /// Prints a line for each row: the class and the probability of each, or numbers.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let weights = Weights::find(&spec, self.weights.as_deref())?;
        let table = self.read_rows(&spec, &weights.encoding)?;
        let shares_work = spec.compiled.rows_share_work(table.rows());
        let threads = self.threads.useful_or_note(shares_work, "the rows are too little work to be shared");
        let program = Program::build(&spec, threads, &Interrupts::none())?;
        let mut arrays = Arrays::default();
        arrays.add_inputs("predict", &table.inputs);
        let (_folder, arrays) = arrays.write_to_temporary()?;
        let outputs = program.predict(&arrays, &weights.path, threads)?;
        console::print(&Answers::new(&spec, &weights.encoding).text(&outputs))
    }

    fn read_rows(&self, spec: &Spec, encoding: &Encoding) -> Result<Table, Error> {
        match (&self.row, &self.csv) {
            (Some(row), _) => {
                let text = with_header(row, spec, encoding)?;
                load_text(spec, encoding, "--row", text.as_bytes())
            }
            (None, Some(path)) => examples::load_inputs(spec, path, encoding),
            (None, None) => {
                let mut bytes = Vec::new();
                let path = PathBuf::from("the standard input");
                io::stdin().read_to_end(&mut bytes).map_err(|source| Error::Read { path, source })?;
                load_text(spec, encoding, "the standard input", &bytes)
            }
        }
    }
}

/// A row as a csv file of its own.
fn with_header(row: &str, spec: &Spec, encoding: &Encoding) -> Result<String, Error> {
    let names: Vec<String> = encoding.columns.iter().map(|column| column.name.clone()).collect();
    let found = row.split(',').count();
    if found != names.len() {
        return Err(Error::RowWidth { network: spec.name().to_owned(), found, names });
    }
    Ok(format!("{}\n{row}\n", csv_line(&names)))
}

/// Reads csv that is in no file: errors call it `name`.
fn load_text(spec: &Spec, encoding: &Encoding, name: &str, text: &[u8]) -> Result<Table, Error> {
    let folder = tempfile::tempdir().map_err(|source| Error::Write { path: std::env::temp_dir(), source })?;
    let path = folder.path().join("rows.csv");
    fs::write(&path, text).map_err(|source| Error::Write { path: path.clone(), source })?;
    examples::load_inputs(spec, &path, encoding).map_err(|error| rename(error, &path, name))
}

fn rename(error: Error, path: &Path, name: &str) -> Error {
    match error {
        Error::Examples(error) => Error::Rows(error.to_string().replace(&path.display().to_string(), name)),
        error => error,
    }
}

/// How outputs become lines.
struct Answers<'a> {
    /// The names of the classes, where the output is a probability for each.
    classes: Option<&'a [String]>,
    header: Vec<String>,
}

impl<'a> Answers<'a> {
    fn new(spec: &Spec, encoding: &'a Encoding) -> Self {
        let outputs: Vec<(&str, usize)> = spec.outputs().collect();
        let width: usize = outputs.iter().map(|(_, width)| width).sum();
        let classes = encoding.classes.as_deref().filter(|classes| outputs.len() == 1 && classes.len() == width);
        let header = match classes {
            Some(classes) => encoding.targets.iter().chain(classes).cloned().collect(),
            None if encoding.targets.len() == width => encoding.targets.clone(),
            None => outputs.into_iter().flat_map(element_names).collect(),
        };
        Self { classes, header }
    }

    fn text(&self, outputs: &[Vec<f32>]) -> String {
        let mut text = csv_line(&self.header) + "\n";
        for output in outputs {
            let numbers = output.iter().map(f32::to_string);
            let cells: Vec<String> = self.class(output).into_iter().chain(numbers).collect();
            text += &(csv_line(&cells) + "\n");
        }
        text
    }

    /// The name of the most probable class.
    fn class(&self, output: &[f32]) -> Option<String> {
        let (most, _) = output.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        self.classes?.get(most).cloned()
    }
}

/// `value`, or `value.0`, `value.1`, … for an output of several numbers.
fn element_names((name, width): (&str, usize)) -> Vec<String> {
    match width {
        1 => vec![name.to_owned()],
        width => (0..width).map(|index| format!("{name}.{index}")).collect(),
    }
}

/// Cells with commas between them, quoted where they must be.
fn csv_line(cells: &[String]) -> String {
    let quoted = |cell: &String| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",")
}
