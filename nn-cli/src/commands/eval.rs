//! `nn eval SPEC`: the loss and metrics that trained weights reach.

use std::path::PathBuf;

use clap::Args;
use nn_data::Table;

use crate::arrays::Arrays;
use crate::console;
use crate::error::{Error, counted};
use crate::examples;
use crate::interrupts::Interrupts;
use crate::program::{Event, Program};
use crate::spec::Spec;
use crate::threads::Threads;
use crate::weights::Weights;

/// The arguments of `nn eval`.
#[derive(Args)]
pub struct Eval {
    /// The spec
    spec: PathBuf,
    /// The weights [default: the spec's name with .safetensors, here]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// A csv file with the columns of the spec's data [default: the spec's data]
    #[arg(long, value_name = "CSV")]
    data: Option<PathBuf>,
    #[command(flatten)]
    threads: Threads,
}

impl Eval {
    /// Measures: the validation rows of the training and all rows of the spec's data, or those of `--data`.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let train = spec.train()?;
        let weights = Weights::find(&spec, self.weights.as_deref())?;
        let mut sets: Vec<(&str, Table)> = Vec::new();
        let all = match &self.data {
            Some(path) => examples::load_file(&spec, path, &weights.encoding)?,
            None => {
                let all = examples::load(&spec, Some(&weights.encoding))?;
                let validation = examples::split(&spec, &all, weights.seed.unwrap_or(train.seed))?.validation;
                if validation.rows() > 0 {
                    sets.push(("validation", validation));
                }
                all
            }
        };
        sets.push(("all", all));
        let shares_work = spec.compiled.training.as_ref().is_some_and(|plans| plans.evaluation.shares_work());
        let threads = self.threads.useful_or_note(shares_work, "no step is large enough to be shared");
        let program = Program::build(&spec, threads, &Interrupts::none())?;
        let mut arrays = Arrays::default();
        for (name, table) in &sets {
            arrays.add_set(name, table);
        }
        let (_folder, arrays) = arrays.write_to_temporary()?;
        let names: Vec<&str> = sets.iter().map(|(name, _)| *name).collect();
        let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
        program.evaluate(&arrays, &weights.path, threads, &names, |event| match event {
            Event::Result { set, rows, measures } => {
                console::print(&format!("{set:width$}  {measures}  ({})\n", counted(rows, "row")))
            }
            _ => Ok(()),
        })
    }
}
