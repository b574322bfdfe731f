//! Training and evaluation, for networks whose spec has `train`.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nn_runtime::find::{Ended, FindOptions};
use nn_runtime::prelude::*;

use crate::Input;
use crate::arguments::Arguments;
use crate::arrays::Arrays;
use crate::events::{self, Event};
use crate::input;
use crate::network::Net;
use crate::numbers::Numbers;

type Target = <Net as Trainable>::Target;

/// Trains, and writes the weights: of the best epoch where one is known, else of the last step. Those of a training that
/// was stopped or failed are unfinished, and written only where an epoch is done.
pub fn train(arrays: &Arrays, mut arguments: Arguments, stop: Arc<AtomicBool>) -> Result<(), Box<dyn Error>> {
    let options = FitOptions {
        epochs: arguments.number()?,
        seed: arguments.number()?,
        threads: arguments.number()?,
        keep_best: true,
        ..FitOptions::from_spec::<Net>()
    };
    let places = Places { paths: arguments.paths(), metadata: arrays.metadata()? };
    let train = Set::read(arrays, "train")?;
    let validation = Set::read(arrays, "validation")?;

    let mut trainer = Trainer::<Net>::new(options.seed);
    let mut reporter = Reporter::new(stop);
    let start = Instant::now();
    let history = trainer.fit(&train.examples(), &validation.examples(), &options, &mut reporter);
    let seconds = start.elapsed().as_secs_f64();

    let (kept, epochs) = (reporter.kept(trainer.epochs()), trainer.epochs());
    let was_stopped = |history: &History| history.stopped == Stopped::Observer && epochs < options.epochs as u64;
    match &history {
        Ok(history) if !was_stopped(history) => places.save(Places::FINISHED, trainer.network(), kept)?,
        Ok(_) if epochs > 0 => places.save(Places::UNFINISHED, trainer.network(), kept)?,
        Err(_) if reporter.best_epoch.is_some() && trainer.network().non_finite().is_none() => {
            places.save(Places::UNFINISHED, trainer.network(), kept)?;
        }
        Ok(_) | Err(_) => {}
    }
    let history = history?;
    send_end(&history, was_stopped(&history), seconds);
    if was_stopped(&history) {
        return Ok(());
    }
    let (name, kept) = match validation.inputs.is_empty() {
        true => ("train", &train),
        false => ("validation", &validation),
    };
    send_result(name, &mut trainer, kept)
}

/// Where weights go.
struct Places {
    /// Those that are finished, those that are not, and others for where these cannot be written.
    paths: Vec<PathBuf>,
    /// What is kept with the weights.
    metadata: BTreeMap<String, String>,
}

impl Places {
    const FINISHED: usize = 0;
    const UNFINISHED: usize = 1;
    const OTHERS: usize = 2;

    /// Writes the weights to a place, else to the first of the others that can be written: hours of training shall not
    /// be lost for a full disk. Fails where none can.
    fn save(&self, place: usize, network: &Net, kept: Kept) -> Result<(), Box<dyn Error>> {
        let _writing = input::writing();
        let write = |place: usize| self.write(self.paths.get(place).ok_or("an argument is missing")?, network);
        let place = match write(place) {
            Ok(()) => place,
            Err(error) => {
                let others = Self::OTHERS..self.paths.len();
                let Some(other) = others.into_iter().find(|other| write(*other).is_ok()) else { return Err(error) };
                events::send_unwritten(&*error);
                other
            }
        };
        let Kept { epoch, moment } = kept;
        Event::new("saved").with("epoch", epoch).with("moment", moment).with("place", place).send();
        Ok(())
    }

    fn write(&self, path: &Path, network: &Net) -> Result<(), Box<dyn Error>> {
        // Links were followed before the training began. One that has come since may lead to what it reads.
        if path.is_symlink() {
            return Err(format!("cannot write {}: it has become a link since the training began", path.display()).into());
        }
        Ok(network.save_with(path, &self.metadata)?)
    }
}

/// Which weights the network has after a training.
struct Kept {
    /// Those of this epoch.
    epoch: u64,
    /// `best`, `end`, or `within` the epoch.
    moment: &'static str,
}

/// Tries learning rates, and saves nothing.
pub fn find_rate(arrays: &Arrays, mut arguments: Arguments, stop: Arc<AtomicBool>) -> Result<(), Box<dyn Error>> {
    let options = FindOptions { seed: arguments.number()?, ..FindOptions::from_spec::<Net>() };
    let train = Set::read(arrays, "train")?;
    let reporter = Reporter::new(stop);
    let trainer = Trainer::<Net>::new(options.seed);
    let found = trainer.find_learning_rate(&train.examples(), &options, |_| reporter.flow())?;
    for trial in &found.trials {
        Event::new("trial")
            .with("learning_rate", trial.learning_rate)
            .with("loss", trial.loss)
            .with("smoothed", trial.smoothed)
            .send();
    }
    let ended = match found.ended {
        Ended::Finished => "finished",
        Ended::Diverged => "diverged",
        Ended::Observer => "interrupted",
    };
    Event::new("found").with("learning_rate", found.suggestion.unwrap_or(0.0)).with("ended", ended).send();
    Ok(())
}

/// Loss and metrics of every set that is named.
pub fn evaluate(arrays: &Arrays, mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let network = Net::load(arguments.path()?)?;
    let mut trainer = Trainer::from_network(&*network, 0);
    trainer.threads(arguments.number()?)?;
    while let Some(name) = arguments.next_text() {
        send_result(&name, &mut trainer, &Set::read(arrays, &name)?)?;
    }
    Ok(())
}

/// Examples that own their rows.
struct Set {
    inputs: Vec<Input>,
    targets: Vec<Target>,
}

impl Set {
    fn read(arrays: &Arrays, name: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self { inputs: arrays.rows(&format!("{name}.inputs"))?, targets: arrays.rows(&format!("{name}.targets"))? })
    }

    fn examples(&self) -> Examples<'_, Input, Target> {
        Examples::new(&self.inputs, &self.targets)
    }
}

/// How often a batch is reported at most: nobody reads faster.
const BATCH_REPORTS: Duration = Duration::from_millis(50);

/// Reports batches and epochs, and stops the training when it should.
struct Reporter {
    stop: Arc<AtomicBool>,
    last_batch: Instant,
    best_epoch: Option<u64>,
    /// Whether the last step was one within an epoch.
    is_within: bool,
    /// Whether a row was reported whose loss is not finite. One is enough.
    is_spoiled: bool,
}

impl Reporter {
    fn new(stop: Arc<AtomicBool>) -> Self {
        Self { stop, last_batch: Instant::now(), best_epoch: None, is_within: false, is_spoiled: false }
    }

    /// Which weights the network has after so many epochs.
    fn kept(&self, epochs: u64) -> Kept {
        match (self.best_epoch, self.is_within) {
            (Some(epoch), _) => Kept { epoch, moment: "best" },
            (None, false) => Kept { epoch: epochs, moment: "end" },
            (None, true) => Kept { epoch: epochs + 1, moment: "within" },
        }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Reporter {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        self.is_within = true;
        if self.last_batch.elapsed() >= BATCH_REPORTS {
            self.last_batch = Instant::now();
            Event::new("batch")
                .with("epoch", report.epoch)
                .with("batch", report.batch)
                .with("batches", report.batches)
                .with("loss", report.loss)
                .send();
        }
        self.flow()
    }

    fn epoch(&mut self, report: &EpochReport) -> ControlFlow<()> {
        self.is_within = false;
        if report.best {
            self.best_epoch = Some(report.epoch);
        }
        if let Some(row) = report.validation.and_then(|validation| validation.non_finite_row())
            && !std::mem::replace(&mut self.is_spoiled, true)
        {
            spoiled("validation", row).send();
        }
        let mut event =
            Event::new("epoch").with("epoch", report.epoch).with("epochs", report.epochs).with("best", report.best);
        event = event.with("learning_rate", report.learning_rate);
        event = measured(event, "", &report.train);
        if let Some(validation) = &report.validation {
            event = measured(event, "val_", validation);
        }
        event.send();
        self.flow()
    }
}

fn send_end(history: &History, was_stopped: bool, seconds: f64) {
    let stopped = match history.stopped {
        Stopped::EarlyStopping => "early_stopping",
        Stopped::Observer if was_stopped => "interrupted",
        // Who wanted to stop it after its last step came too late.
        Stopped::Finished | Stopped::Observer => "finished",
    };
    Event::new("end")
        .with("stopped", stopped)
        .with("best_epoch", history.best_epoch.unwrap_or(0))
        .with("seconds", seconds)
        .send();
}

fn send_result(name: &str, trainer: &mut Trainer<Net>, set: &Set) -> Result<(), Box<dyn Error>> {
    let evaluation = trainer.evaluate(&set.examples())?;
    if let Some(row) = evaluation.non_finite_row() {
        let mut outputs = Vec::new();
        trainer.network().predict(&set.inputs[row]).write(&mut outputs);
        let outputs: Vec<String> = outputs.iter().map(f32::to_string).collect();
        spoiled(name, row).with("outputs", outputs.join(",")).send();
    }
    let event = Event::new("result").with("set", name).with("rows", set.inputs.len());
    measured(event, "", &evaluation).send();
    Ok(())
}

/// A row whose loss or metrics are not finite.
fn spoiled(set: &str, row: usize) -> Event {
    Event::new("spoiled").with("set", set).with("row", row)
}

/// Adds the loss and every metric, by name.
fn measured(event: Event, prefix: &str, evaluation: &Evaluation) -> Event {
    let loss = ("loss", evaluation.loss);
    [loss]
        .into_iter()
        .chain(evaluation.metrics())
        .fold(event, |event, (name, value)| event.with(format_args!("{prefix}{name}"), value))
}
