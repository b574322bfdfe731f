//! `nn train SPEC`: trains a network on the spec's data, and checks what the spec expects.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use nn_compiler::model::{self, Expectation, LossTerm, Schedule};
use nn_compiler::pipeline::TrainingPlans;
use nn_compiler::summary;

use crate::arrays::Arrays;
use crate::commands::find_rate;
use crate::console;
use crate::coverage;
use crate::error::Error;
use crate::examples::{self, Examples, Parts};
use crate::facts;
use crate::interrupts;
use crate::measures::{Measures, short, time};
use crate::output::Output;
use crate::program::{Event, Moment, Program, Settings, Stopped};
use crate::progress::{Epoch, Progress};
use crate::spec::{self, Spec};
use crate::spoiled::{Places, Spoiled};
use crate::threads::Threads;
use crate::weights;
use crate::wording::counted;

/// The arguments of `nn train`.
#[derive(Args)]
pub struct Train {
    /// The spec
    spec: PathBuf,
    /// Where the weights go [default: beside the spec, with .safetensors]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Passes over the training rows, instead of the spec's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Seed of initial weights, split, order and dropout, instead of the spec's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    threads: Threads,
    /// The folder that holds the files of the spec's data, instead of the spec's
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Show no epochs, only the report
    #[arg(long)]
    quiet: bool,
    /// Do not train: try learning rates from 1e-7 to 10, a step with each, and suggest one
    #[arg(long, conflicts_with_all = ["out", "epochs", "wanted", "quiet"])]
    find_lr: bool,
    /// Print what --find-lr finds for a program to read
    #[arg(long, requires = "find_lr")]
    json: bool,
}

impl Train {
    /// Trains, reports, and fails where an expectation is missed.
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
        let program = Program::build(&spec, threads)?;
        if !self.quiet {
            let on = self.threads.said(threads, "no step is large enough to be shared");
            console::print(&header(&spec, &parts, examples.dropped(), on.as_deref()))?;
        }
        let run = program.train(&arrays(&examples, &parts, seed), &output, Settings { epochs, seed, threads })?;
        let places = examples.places(&spec, &parts);
        // The network's program has them now.
        drop(parts);
        drop(examples);
        let mut report = Report::new(&spec, places, Progress::new(self.quiet, train.schedule != Schedule::Constant));
        let outcome = run.hear(|event| report.hear(event));
        report.progress.finish();
        report.conclude(outcome, &output)
    }

    /// Where the weights go.
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
        let program = Program::build(spec, 1)?;
        if let Some(left_out) = left_out.filter(|_| !self.json) {
            console::print(&format!("{left_out}\n"))?;
        }
        find_rate::run(spec, &program, arrays, seed, self.json)
    }
}

fn header(spec: &Spec, parts: &Parts, dropped: usize, on: Option<&str>) -> String {
    let parameters = counted(spec.compiled.costs.params, "parameter");
    let train = counted(parts.train.len(), "row");
    let mut line = format!("{}: {parameters}; {train} to train with", spec.name());
    if !parts.validation.is_empty() {
        let _ = write!(line, ", {} to validate with", parts.validation.len());
    }
    if dropped > 0 {
        let _ = write!(line, "; {} with missing cells left out", counted(dropped, "row"));
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

/// What is said of training rows that no batch takes.
fn left_out(spec: &Spec, rows: usize) -> Option<String> {
    let count = summary::rows_left_out(&spec.compiled.model, &spec.compiled.shapes, rows);
    let reason = "left out each epoch: its batch would be too small for batch_norm";
    (count > 0).then(|| format!("{} {reason}", counted(count, "row")))
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

/// The rows, and what is kept with the weights.
fn arrays<'a>(examples: &Examples, parts: &'a Parts, seed: u64) -> Arrays<'a> {
    let mut arrays = Arrays::with_metadata(weights::metadata(examples, parts, seed));
    arrays.add_set("train", &parts.train);
    arrays.add_set("validation", &parts.validation);
    arrays
}

/// By what the best epoch was found, where that is not what its weights reach: numbers of the training rows are measured
/// before each update, numbers of validation rows after the epoch.
fn by_training_rows(spec: &Spec) -> String {
    let stopping = spec.compiled.model.train.as_ref().and_then(|train| train.early_stopping.as_ref());
    match stopping.filter(|rule| !rule.monitor.starts_with("val_")) {
        Some(rule) => format!(" by `{}` (measured during the epoch, before its last updates)", rule.monitor),
        None => String::new(),
    }
}

/// What a training reports, gathered.
struct Report<'a> {
    spec: &'a Spec,
    places: Vec<Places>,
    progress: Progress,
    best: Option<Measures>,
    last_epoch: u64,
    saved: Option<Saved>,
    /// Why the weights are not where they should be.
    unwritten: Option<String>,
    end: Option<End>,
    result: Option<Kept>,
    /// What is not finite in the result.
    spoiled: Option<Spoiled>,
}

/// Weights that were written.
struct Saved {
    epoch: u64,
    moment: Moment,
    place: usize,
}

/// The end of a training.
struct End {
    stopped: Stopped,
    best_epoch: Option<u64>,
    seconds: f64,
}

/// What the weights that were kept reach.
struct Kept {
    set: String,
    rows: usize,
    measures: Measures,
}

impl<'a> Report<'a> {
    fn new(spec: &'a Spec, places: Vec<Places>, progress: Progress) -> Self {
        Self {
            spec,
            places,
            progress,
            best: None,
            last_epoch: 0,
            saved: None,
            unwritten: None,
            end: None,
            result: None,
            spoiled: None,
        }
    }

    fn hear(&mut self, event: Event) -> Result<(), Error> {
        match event {
            Event::Batch { epoch, batch, batches, loss } => self.progress.batch(epoch, batch, batches, loss),
            Event::Epoch { epoch, epochs, best, learning_rate, measures } => {
                self.progress.epoch(&Epoch { epoch, epochs, best, learning_rate, measures: &measures })?;
                self.last_epoch = epoch;
                if best {
                    self.best = Some(measures);
                }
            }
            Event::Saved { epoch, moment, place } => self.saved = Some(Saved { epoch, moment, place }),
            Event::Unwritten(reason) => self.unwritten = Some(reason),
            Event::End { stopped, best_epoch, seconds } => self.end = Some(End { stopped, best_epoch, seconds }),
            Event::Result { set, rows, measures } => self.result = Some(Kept { set, rows, measures }),
            Event::Spoiled(spoiled) if self.end.is_none() => {
                let (row, epoch) = (spoiled.text(self.spec, &self.places), self.last_epoch + 1);
                self.progress.note(&format!("warning: after epoch {epoch}: {row}; such an epoch is never the best\n"));
            }
            Event::Spoiled(spoiled) => self.spoiled = Some(spoiled),
            Event::Network { .. }
            | Event::Tensor { .. }
            | Event::Trial { .. }
            | Event::Found { .. }
            | Event::Output(_)
            | Event::Mismatch(_)
            | Event::Error(_) => {}
        }
        Ok(())
    }

    /// Tells how the training ended, and fails where that was not well.
    fn conclude(&self, outcome: Result<(), Error>, output: &Output) -> Result<(), Error> {
        if let Err(error) = outcome {
            if self.saved.is_some() {
                console::note(&format!("{}{}", self.saved_line(output), self.advice(output)));
            }
            return Err(error);
        }
        console::print(&self.text(output))?;
        let elsewhere = self.elsewhere(output);
        if let Some(signal) = interrupts::signal() {
            elsewhere.iter().for_each(console::error);
            return Err(Error::Interrupted { signal, note: self.advice(output) });
        }
        elsewhere.map_or_else(|| self.check(&self.spec.compiled.model.expectations), Err)
    }

    /// Where the weights are; nothing where none were written.
    fn saved_line(&self, output: &Output) -> String {
        let Some(Saved { epoch, moment, place }) = self.saved else { return String::new() };
        let whose = match moment {
            Moment::Best | Moment::End => format!("weights of epoch {epoch}"),
            Moment::Within => format!("weights of the last step, in epoch {epoch},"),
        };
        format!("{whose} are in {}", output.shown(place).display())
    }

    /// What became of the file for the weights where the training is unfinished, and what to do with those there are.
    fn advice(&self, output: &Output) -> String {
        let named = output.named.display();
        match &self.saved {
            None => format!("; no epoch was finished, so {named} was not touched"),
            Some(saved) if Output::is_for_unfinished(saved.place) => {
                let place = output.shown(saved.place).display();
                format!("; {named} was not touched: use the unfinished weights by `--weights {place}`, or rename them")
            }
            Some(_) => String::new(),
        }
    }

    /// That the weights are not where they should be.
    fn elsewhere(&self, output: &Output) -> Option<Error> {
        let saved = self.saved.as_ref().filter(|saved| Output::is_other(saved.place))?;
        let message = self.unwritten.clone().unwrap_or_default();
        Some(Error::Elsewhere { message, place: output.shown(saved.place).to_owned() })
    }

    fn text(&self, output: &Output) -> String {
        let mut text = String::new();
        if let Some(end) = &self.end {
            if let (Some(epoch), Some(best)) = (end.best_epoch, &self.best) {
                text += &format!("best epoch {epoch}{}: {best}\n", by_training_rows(self.spec));
            }
            text += &self.reason(end.stopped);
            text += &format!("trained in {}\n", time(end.seconds));
        }
        if self.saved.is_some() {
            text += &(self.saved_line(output) + "\n");
        }
        if let Some(Kept { set, rows, measures }) = &self.result {
            let rows = counted(*rows, if set == "train" { "row" } else { "validation row" });
            text += &format!("on the {rows}: {measures}\n");
        }
        if self.end.as_ref().is_some_and(|end| end.stopped == Stopped::Interrupted) {
            return text;
        }
        for expectation in &self.spec.compiled.model.expectations {
            let wording = self.spec.compiled.text[expectation.span.range()].trim_end_matches(';');
            text += &self.verdict(wording, expectation);
        }
        text
    }

    fn reason(&self, stopped: Stopped) -> String {
        let stopping = self.spec.compiled.model.train.as_ref().and_then(|train| train.early_stopping.as_ref());
        match (stopped, stopping) {
            (Stopped::EarlyStopping, Some(rule)) => {
                let patience = counted(rule.patience, "epoch");
                format!("stopped after epoch {}: {} did not get better for {patience}\n", self.last_epoch, rule.monitor)
            }
            (Stopped::EarlyStopping, None) => format!("stopped after epoch {}\n", self.last_epoch),
            (Stopped::Finished, _) => format!("finished all {}\n", counted(self.last_epoch as usize, "epoch")),
            (Stopped::Interrupted, _) => format!("interrupted after {}\n", counted(self.last_epoch as usize, "epoch")),
        }
    }

    /// `expect accuracy >= 0.9: met, 0.9583`
    fn verdict(&self, wording: &str, expectation: &Expectation) -> String {
        let verdict = if self.meets(expectation) { "met" } else { "missed" };
        let reached = self.reached(&expectation.metric).map_or_else(|| "not measured".to_owned(), short);
        let spoiled = if self.is_finite() { "" } else { ", with a loss that is not finite" };
        format!("{wording}: {verdict}, {reached}{spoiled}\n")
    }

    /// Whether the result says something. One that is not finite is worse than any: it meets nothing.
    fn is_finite(&self) -> bool {
        self.result.as_ref().is_none_or(|result| result.measures.is_finite())
    }

    fn reached(&self, metric: &str) -> Option<f64> {
        self.result.as_ref()?.measures.get(metric)
    }

    fn meets(&self, expectation: &Expectation) -> bool {
        let reached = self.reached(&expectation.metric);
        self.is_finite() && reached.is_some_and(|reached| expectation.comparison.holds(reached, expectation.bound))
    }

    fn check(&self, expectations: &[Expectation]) -> Result<(), Error> {
        let missed = expectations.iter().filter(|expectation| !self.meets(expectation)).count();
        let spoiled = (!self.is_finite()).then(|| {
            let row = self.spoiled.as_ref().map(|spoiled| spoiled.text(self.spec, &self.places));
            Error::NotFinite(row.unwrap_or_else(|| "the loss is not finite".to_owned()))
        });
        match (missed, spoiled) {
            (0, None) => Ok(()),
            (0, Some(spoiled)) => Err(spoiled),
            (_, spoiled) => {
                spoiled.iter().for_each(console::error);
                Err(Error::Missed { missed, all: expectations.len() })
            }
        }
    }
}
