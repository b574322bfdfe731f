//! Training and evaluation, for networks whose spec has `train`.

use std::error::Error;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nn_runtime::find::{Ended, FindOptions};
use nn_runtime::prelude::*;
use nn_runtime::weights;

use crate::Input;
use crate::arguments::Arguments;
use crate::arrays::Arrays;
use crate::events::Event;
use crate::network::Net;

type Target = <Net as Trainable>::Target;

/// Trains, and writes the weights: of the best epoch where one is known, else of the last step.
pub fn train(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let arrays_path = arguments.path()?;
    let weights_path = arguments.path()?;
    let arrays = Arrays::read(&arrays_path)?;
    let metadata = weights::metadata(&arrays_path)?;
    let options = FitOptions {
        epochs: arguments.number()?,
        seed: arguments.number()?,
        threads: arguments.number()?,
        keep_best: true,
        ..FitOptions::from_spec::<Net>()
    };
    let train = Set::read(&arrays, "train")?;
    let validation = Set::read(&arrays, "validation")?;

    let mut trainer = Trainer::<Net>::new(options.seed);
    let mut reporter = Reporter::new(stop_on_input());
    let start = Instant::now();
    let history = trainer.fit(&train.examples(), &validation.examples(), &options, &mut reporter);
    let seconds = start.elapsed().as_secs_f64();

    if history.is_ok() || reporter.best_epoch.is_some() {
        trainer.network().save_with(&weights_path, &metadata)?;
        Event::new("saved").with("epoch", reporter.best_epoch.unwrap_or(trainer.epochs())).send();
    }
    send_end(&history?, seconds);
    let (name, kept) = match validation.inputs.is_empty() {
        true => ("train", &train),
        false => ("validation", &validation),
    };
    send_result(name, &mut trainer, kept)
}

/// Tries learning rates, and saves nothing.
pub fn find_rate(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let arrays = Arrays::read(&arguments.path()?)?;
    let options = FindOptions { seed: arguments.number()?, ..FindOptions::from_spec::<Net>() };
    let train = Set::read(&arrays, "train")?;
    let reporter = Reporter::new(stop_on_input());
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
pub fn evaluate(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let arrays = Arrays::read(&arguments.path()?)?;
    let network = Net::load(arguments.path()?)?;
    let mut trainer = Trainer::from_network(&*network, 0);
    trainer.threads(arguments.number()?)?;
    while let Some(name) = arguments.next_text() {
        send_result(&name, &mut trainer, &Set::read(&arrays, &name)?)?;
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

/// A flag that a line `stop` on the standard input sets, and its end too: then `nn` is gone.
fn stop_on_input() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&flag);
    thread::spawn(move || {
        for line in io::stdin().lines() {
            if line.is_ok_and(|line| line == "stop") {
                break;
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    flag
}

/// How often a batch is reported at most: nobody reads faster.
const BATCH_REPORTS: Duration = Duration::from_millis(50);

/// Reports batches and epochs, and stops the training when it should.
struct Reporter {
    stop: Arc<AtomicBool>,
    last_batch: Instant,
    best_epoch: Option<u64>,
}

impl Reporter {
    fn new(stop: Arc<AtomicBool>) -> Self {
        Self { stop, last_batch: Instant::now(), best_epoch: None }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Reporter {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
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
        if report.best {
            self.best_epoch = Some(report.epoch);
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

fn send_end(history: &History, seconds: f64) {
    let stopped = match history.stopped {
        Stopped::Finished => "finished",
        Stopped::EarlyStopping => "early_stopping",
        Stopped::Observer => "interrupted",
    };
    Event::new("end")
        .with("stopped", stopped)
        .with("best_epoch", history.best_epoch.unwrap_or(0))
        .with("seconds", seconds)
        .send();
}

fn send_result(name: &str, trainer: &mut Trainer<Net>, set: &Set) -> Result<(), Box<dyn Error>> {
    let evaluation = trainer.evaluate(&set.examples())?;
    let event = Event::new("result").with("set", name).with("rows", set.inputs.len());
    measured(event, "", &evaluation).send();
    Ok(())
}

/// Adds the loss and every metric, by name.
fn measured(event: Event, prefix: &str, evaluation: &Evaluation) -> Event {
    let loss = ("loss", evaluation.loss);
    [loss]
        .into_iter()
        .chain(evaluation.metrics())
        .fold(event, |event, (name, value)| event.with(format_args!("{prefix}{name}"), value))
}
