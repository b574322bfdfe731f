//! `nn eval SPEC`: the loss and metrics that trained weights reach.

use std::path::{Path, PathBuf};

use clap::Args;
use nn_compiler::model::DataSource;

use crate::arrays::{Arrays, Rows};
use crate::console;
use crate::error::{Error, counted};
use crate::examples::{self, Examples};
use crate::files::Opened;
use crate::program::{Event, Program};
use crate::spec::{Spec, is_stdin};
use crate::spoiled::Places;
use crate::threads::Threads;
use crate::weights::Weights;

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

impl Eval {
    /// Measures: the validation rows of the training and all rows of the spec's data (those it was trained on, where
    /// validation rows have files of their own), or those of the csv file of `--data`.
    pub fn run(self) -> Result<(), Error> {
        if is_stdin(&self.spec) && self.data.as_deref().is_some_and(is_stdin) {
            return Err(Error::StdinTwice);
        }
        let spec = Spec::read(&self.spec)?;
        let train = spec.train()?;
        let weights = Weights::find(&spec, self.weights.as_deref())?;
        let (other, examples);
        let mut sets: Vec<(&str, Rows)> = Vec::new();
        match self.other_file(&spec) {
            Some(path) => {
                other = examples::load_file(&spec, Opened::read(path)?, &weights.encoding)?;
                examples::show_notes(&other);
                sets.push(("all", Rows::all(&other)));
            }
            None => {
                examples = Examples::load(&spec, self.data.as_deref(), Some(&weights.encoding))?;
                examples.show_notes();
                let validation = examples.split(weights.seed.unwrap_or(train.seed))?.validation;
                if !validation.is_empty() {
                    sets.push(("validation", validation));
                }
                let name = if examples.validation.is_some() { "train" } else { "all" };
                sets.push((name, Rows::all(&examples.table)));
            }
        }
        let shares_work = spec.compiled.training.as_ref().is_some_and(|plans| plans.evaluation.shares_work());
        let threads = self.threads.useful_or_note(shares_work, "no step is large enough to be shared");
        let program = Program::build(&spec, threads)?;
        let mut arrays = Arrays::default();
        for (name, rows) in &sets {
            arrays.add_set(name, rows);
        }
        let names: Vec<&str> = sets.iter().map(|(name, _)| *name).collect();
        let places = self.places(&spec, &sets);
        let mut failure = None;
        let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
        program.evaluate(&arrays, &weights.path, threads, &names, |event| match event {
            Event::Result { set, rows, measures } => {
                if !measures.is_finite() && failure.is_none() {
                    failure = Some(Error::NotFinite(format!("{set}: the loss is not finite")));
                }
                console::print(&format!("{set:width$}  {measures}  ({})\n", counted(rows, "row")))
            }
            Event::Spoiled(spoiled) => {
                failure = failure.take().or_else(|| Some(Error::NotFinite(spoiled.text(&spec, &places))));
                Ok(())
            }
            _ => Ok(()),
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// Where the rows of the sets are in their files.
    fn places(&self, spec: &Spec, sets: &[(&str, Rows)]) -> Vec<Places> {
        let file = |set: &str| match (self.other_file(spec), set) {
            (Some(path), _) => Some(path.display().to_string()),
            (None, "validation") => examples::validation_file(spec).or_else(|| examples::source_file(spec)),
            (None, _) => examples::source_file(spec),
        };
        sets.iter().map(|(set, rows)| Places::new(set, file(set), rows)).collect()
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
