//! `nn eval SPEC`: measures the loss and metrics of trained weights.

use std::path::{Path, PathBuf};

use clap::Args;
use nn_compiler::model::DataSource;

use crate::arrays::{Arrays, Rows};
use crate::console;
use crate::error::Error;
use crate::examples::{self, Examples};
use crate::files::Opened;
use crate::measures::Measures;
use crate::non_finite::{self, RowNames};
use crate::program::{Event, Program, TargetDir};
use crate::spec::{Spec, is_stdin};
use crate::threads::Threads;
use crate::weights::{TrainedRows, Weights};
use crate::wording::counted;

/// The arguments of `nn eval`.
#[derive(Args)]
pub struct Eval {
    /// The spec, a `.nn` file
    spec: PathBuf,
    /// The weights file [default: next to the spec, with the extension .safetensors]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The folder with the data files of the spec; or other data: a csv file with the same columns,
    /// or `-` for csv from the standard input [default: the data of the spec]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    target: TargetDir,
}

/// A set of rows that is measured.
struct Set<'a> {
    /// Its name for the network's program.
    name: &'static str,
    /// Its name for the user.
    label: String,
    rows: Rows<'a>,
}

impl<'a> Set<'a> {
    fn new(name: &'static str, rows: Rows<'a>) -> Self {
        Self { name, label: name.to_owned(), rows }
    }
}

impl Eval {
    /// Measures the validation rows of the training and all rows of the data. If the validation
    /// rows are in their own files, measures these and the training rows. With `--data FILE`,
    /// measures the rows of that file.
    pub fn run(self) -> Result<(), Error> {
        if is_stdin(&self.spec) && self.data.as_deref().is_some_and(is_stdin) {
            return Err(Error::StdinTwice);
        }
        let spec = Spec::read(&self.spec)?;
        spec.train()?;
        let weights = Weights::find(&spec, self.weights.as_deref())?;
        match self.other_file(&spec) {
            Some(path) => {
                let encoding = weights.encoding(&spec, None)?;
                let other = examples::load_file(&spec, Opened::read(path)?, &encoding)?;
                examples::show_notes(&other);
                self.measure(&spec, &weights, &[Set::new("all", Rows::all(&other))])
            }
            None => {
                let examples = weights.examples(&spec, self.data.as_deref())?;
                examples.show_notes();
                self.measure(&spec, &weights, &sets(&spec, &weights, &examples)?)
            }
        }
    }

    /// Prints the loss and metrics of each set.
    fn measure(&self, spec: &Spec, weights: &Weights, sets: &[Set]) -> Result<(), Error> {
        let shares_work = spec.compiled.training.as_ref().is_some_and(|plans| plans.evaluation.shares_work());
        let threads = self.threads.useful_or_note(shares_work, "no step is large enough to share");
        let program = Program::build(spec, threads, &self.target)?;
        let mut arrays = Arrays::default();
        for set in sets {
            arrays.add_set(set.name, &set.rows);
        }
        let names: Vec<&str> = sets.iter().map(|set| set.name).collect();
        let row_names = self.row_names(spec, sets);
        let mut failure = None;
        let width = sets.iter().map(|set| set.label.len()).max().unwrap_or(0);
        program.evaluate(&arrays, &weights.path, threads, &names, |event| match event {
            Event::Result { set: name, rows, measures } => {
                let measures = Measures::from(measures);
                let label = sets.iter().find(|set| set.name == name).map_or(&name, |set| &set.label);
                if !measures.is_finite() && failure.is_none() {
                    failure = Some(Error::NotFinite(format!("{label}: the loss is not finite")));
                }
                console::print(&format!("{label:width$}  {measures}  ({})\n", counted(rows, "row")))
            }
            Event::NonFinite(row) => {
                failure.get_or_insert_with(|| Error::NotFinite(non_finite::describe(&row, spec, &row_names)));
                Ok(())
            }
            _ => Ok(()),
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// The names of the rows of each set.
    fn row_names(&self, spec: &Spec, sets: &[Set]) -> Vec<RowNames> {
        let file = |set: &str| match (self.other_file(spec), set) {
            (Some(path), _) => Some(path.display().to_string()),
            (None, "validation" | "other") => examples::validation_file(spec).or_else(|| examples::source_file(spec)),
            (None, _) => examples::source_file(spec),
        };
        sets.iter().map(|set| RowNames::new(set.name, file(set.name), &set.rows)).collect()
    }

    /// The file with other data, if `--data` names one. For a spec with images a folder is other
    /// data too.
    fn other_file(&self, spec: &Spec) -> Option<&Path> {
        let path = self.data.as_deref()?;
        let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
        let is_folder = path.is_dir() && !matches!(source, Some(DataSource::Images(_)));
        (!is_folder).then_some(path)
    }
}

/// The sets of the spec's data. No row is called a validation row if it is unknown which rows were
/// trained on.
fn sets<'a>(spec: &Spec, weights: &Weights, examples: &'a Examples) -> Result<Vec<Set<'a>>, Error> {
    let all = Rows::all(&examples.table);
    match (weights.parts(examples)?, &examples.validation) {
        (TrainedRows::Known(parts), Some(_)) => {
            Ok(vec![Set::new("validation", parts.validation), Set::new("train", all)])
        }
        (TrainedRows::Known(parts), None) if parts.validation.is_empty() => Ok(vec![Set::new("all", all)]),
        (TrainedRows::Known(parts), None) => Ok(vec![Set::new("validation", parts.validation), Set::new("all", all)]),
        (TrainedRows::Unknown(_), None) if weights.holds_nothing_back() && examples.share == 0.0 => {
            Ok(vec![Set::new("all", all)])
        }
        (TrainedRows::Unknown(reason), validation) => {
            console::note(&format!("training and validation rows are not known: {reason}"));
            let held = validation.as_ref().map(|table| {
                let label = examples::validation_file(spec).unwrap_or_default();
                Set { name: "other", label, rows: Rows::all(table) }
            });
            Ok([Set::new("all", all)].into_iter().chain(held).collect())
        }
    }
}
