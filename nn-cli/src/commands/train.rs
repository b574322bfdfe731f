//! `nn train SPEC`: trains a network on the data of its spec, and checks the expectations of the
//! spec.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use nn_compiler::TrainingPlans;
use nn_compiler::batching;
use nn_compiler::model::{self, LossTerm, Schedule};

use crate::arrays::Arrays;
use crate::commands::find_rate;
use crate::console;
use crate::coverage;
use crate::error::Error;
use crate::examples::{self, Examples, Parts};
use crate::facts;
use crate::output::Output;
use crate::program::{Program, Settings, TargetDir};
use crate::progress::Progress;
use crate::report::Report;
use crate::spec::{self, Spec};
use crate::threads::Threads;
use crate::weights;
use crate::wording::counted;

/// The arguments of `nn train`.
#[derive(Args)]
pub struct Train {
    /// The spec, a `.nn` file
    spec: PathBuf,
    /// The file for the weights [default: next to the spec, with the extension .safetensors]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Number of epochs [default: from the spec]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Seed of initial weights, split, order and dropout [default: from the spec]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    target: TargetDir,
    /// The folder with the data files of the spec [default: the folder in the spec]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Do not print epochs, only the final report
    #[arg(long)]
    quiet: bool,
    /// Do not train, but try learning rates from 1e-7 to 10, one step each, and suggest one
    #[arg(long, conflicts_with_all = ["out", "epochs", "requested", "quiet"])]
    find_lr: bool,
    /// Print the result of --find-lr as JSON
    #[arg(long, requires = "find_lr")]
    json: bool,
}

impl Train {
    /// Trains and reports. Fails if an expectation is missed.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let train = spec.train()?;
        let epochs = self.epochs.map_or(train.epochs, |epochs| epochs as usize);
        let seed = self.seed.unwrap_or(train.seed);
        let output = (!self.find_lr).then(|| self.output(&spec)).transpose()?;
        let examples = Examples::load(&spec, self.data.as_deref(), None)?;
        examples.show_notes();
        spec::show(&facts::warnings_of(&spec, &examples.table), &spec.path, &spec.compiled.text);
        let parts = examples.split(seed)?;
        coverage::notes(&spec, &parts).iter().for_each(|note| console::note(note));
        let Some(output) = output else {
            let left_out = left_out(&spec, parts.train.len());
            return self.find_rate(&spec, train, &arrays(&examples, &parts, seed), seed, left_out);
        };

        let threads = self.threads.useful(spec.compiled.training.as_ref().is_some_and(TrainingPlans::share_work));
        let program = Program::build(&spec, threads, &self.target)?;
        if !self.quiet {
            let on = self.threads.describe(threads, "no step is large enough to share");
            console::print(&header(&spec, &parts, examples.dropped(), on.as_deref()))?;
        }
        let run = program.train(&arrays(&examples, &parts, seed), &output, Settings { epochs, seed, threads })?;
        let row_names = examples.row_names(&spec, &parts);
        // The network's program has the rows now.
        drop(parts);
        drop(examples);
        let mut report = Report::new(&spec, row_names, Progress::new(self.quiet, train.schedule != Schedule::Constant));
        let outcome = run.receive(|event| report.receive(event));
        report.conclude(outcome, &output)
    }

    /// The files for the weights.
    fn output(&self, spec: &Spec) -> Result<Output, Error> {
        let named = self.out.clone().map_or_else(|| spec.weights("--out"), Ok)?;
        let numbers = spec.compiled.tensors.all.iter().map(|tensor| tensor.len()).sum();
        Output::new(named, &examples::files(spec, self.data.as_deref())?, numbers)
    }

    fn find_rate(
        &self,
        spec: &Spec,
        train: &model::Train,
        arrays: &Arrays,
        seed: u64,
        left_out: Option<String>,
    ) -> Result<(), Error> {
        find_rate::check(spec, train)?;
        let program = Program::build(spec, 1, &self.target)?;
        if let Some(left_out) = left_out.filter(|_| !self.json) {
            console::print(&format!("{left_out}\n"))?;
        }
        find_rate::run(spec, &program, arrays, seed, self.json)
    }
}

fn header(spec: &Spec, parts: &Parts, dropped: usize, on: Option<&str>) -> String {
    let parameters = counted(spec.compiled.costs.params, "parameter");
    let train = counted(parts.train.len(), "row");
    let mut line = format!("{}: {parameters}; {train} to train on", spec.name());
    if !parts.validation.is_empty() {
        let _ = write!(line, ", {} to validate on", parts.validation.len());
    }
    if dropped > 0 {
        let _ = write!(line, "; skipped {} with missing cells", counted(dropped, "row"));
    }
    if let Some(column) = spec.weights_column() {
        let _ = write!(line, "; weighted by `{column}`");
    }
    if let Some(left_out) = left_out(spec, parts.train.len()) {
        let _ = write!(line, "; {left_out}");
    }
    if let Some(on) = on {
        let _ = write!(line, "; {on}");
    }
    line += "\n";
    for (output, weights) in class_weights(spec, parts) {
        let _ = writeln!(line, "class_weights of `{output}`: {weights}");
    }
    line
}

/// A note about training rows that are in no batch.
fn left_out(spec: &Spec, rows: usize) -> Option<String> {
    let count = batching::rows_left_out(&spec.compiled.model, &spec.compiled.shapes, rows);
    let reason = "in each epoch, because the last batch would be too small for batch_norm";
    (count > 0).then(|| format!("skips {} {reason}", counted(count, "row")))
}

/// For each loss with class weights, its output, and the weight of each class by name.
fn class_weights<'a>(spec: &'a Spec, parts: &Parts) -> Vec<(&'a str, String)> {
    let model = &spec.compiled.model;
    let Some(train) = &model.train else { return Vec::new() };
    let names = &parts.train.table().encoding.classes;
    let of_term = |term: &'a LossTerm| {
        let target = &train.targets[term.target];
        let at = train.targets[..term.target].iter().filter(|target| target.is_class).count();
        let weights = &term.class_weights.as_ref()?.weights;
        let pairs: Vec<String> =
            names.get(at)?.iter().zip(weights).map(|(name, weight)| format!("{name} {weight}")).collect();
        Some((model.output_name(target), pairs.join(", ")))
    };
    train.losses.iter().filter_map(of_term).collect()
}

/// The rows, and the metadata of the weights.
fn arrays<'a>(examples: &Examples, parts: &'a Parts, seed: u64) -> Arrays<'a> {
    let mut arrays = Arrays::with_metadata(weights::metadata(examples, parts, seed));
    arrays.add_set("train", &parts.train);
    arrays.add_set("validation", &parts.validation);
    arrays
}
