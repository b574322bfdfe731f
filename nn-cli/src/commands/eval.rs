//! `nn eval SPEC`: the loss and metrics that trained weights reach.

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
use crate::program::{Event, Program};
use crate::spec::{Spec, is_stdin};
use crate::threads::Threads;
use crate::weights::{Known, Weights};
use crate::wording::counted;

/// The arguments of `nn eval`.
#[derive(Args)]
pub struct Eval {
    /// The spec
    spec: PathBuf,
    /// The weights [default: beside the spec, with .safetensors]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The folder that holds the files of the spec's data, or other examples: a csv file with the columns of the spec's
    /// data, or `-` for csv from the standard input [default: the spec's data]
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

/// Rows that are measured together.
struct Set<'a> {
    /// What the network's program calls them: one word.
    name: &'static str,
    /// What the user reads.
    label: String,
    rows: Rows<'a>,
}

impl<'a> Set<'a> {
    fn new(name: &'static str, rows: Rows<'a>) -> Self {
        Self { name, label: name.to_owned(), rows }
    }
}

impl Eval {
    /// Measures: the validation rows of the training and all rows of the spec's data (those it was trained on, where
    /// validation rows have files of their own), or those of the csv file of `--data`.
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
        let threads = self.threads.useful_or_note(shares_work, "no step is large enough to be shared");
        let program = Program::build(spec, threads)?;
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

    /// The file of other examples, where `--data` names one rather than a folder. (A folder of images by class is
    /// other examples.)
    fn other_file(&self, spec: &Spec) -> Option<&Path> {
        let path = self.data.as_deref()?;
        let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
        let is_folder = path.is_dir() && !matches!(source, Some(DataSource::Images(_)));
        (!is_folder).then_some(path)
    }
}

/// The rows of the spec's data, as far as it is known which of them were trained on. Where it is not, none is called
/// a validation row.
fn sets<'a>(spec: &Spec, weights: &Weights, examples: &'a Examples) -> Result<Vec<Set<'a>>, Error> {
    let all = Rows::all(&examples.table);
    match (weights.parts(examples)?, &examples.validation) {
        (Known::Parts(parts), Some(_)) => Ok(vec![Set::new("validation", parts.validation), Set::new("train", all)]),
        (Known::Parts(parts), None) if parts.validation.is_empty() => Ok(vec![Set::new("all", all)]),
        (Known::Parts(parts), None) => Ok(vec![Set::new("validation", parts.validation), Set::new("all", all)]),
        (Known::Not(_), None) if weights.holds_nothing_back() && examples.share == 0.0 => {
            Ok(vec![Set::new("all", all)])
        }
        (Known::Not(reason), validation) => {
            console::note(&format!("training and validation rows cannot be told apart: {reason}"));
            let held = validation.as_ref().map(|table| {
                let label = examples::validation_file(spec).unwrap_or_default();
                Set { name: "other", label, rows: Rows::all(table) }
            });
            Ok([Set::new("all", all)].into_iter().chain(held).collect())
        }
    }
}
