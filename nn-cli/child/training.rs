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

use crate::arguments::Arguments;
use crate::arrays::Arrays;
use crate::event::{self, Event, Moment, NonFiniteRow, Number, SearchEnd};
use crate::flat_row::FlatRow;
use crate::input;
use crate::network::Net;
use crate::send::{exact, in_full, printed, send};

type Input = <Net as Network>::Input;
type Target = <Net as Trainable>::Target;

/// Trains, and writes the weights: of the best epoch if one is known, otherwise of the last step. A
/// training that was stopped or failed writes its weights to the file for unfinished ones, and only
/// if an epoch is done.
pub fn train(arrays: &Arrays, mut arguments: Arguments, stop: Arc<AtomicBool>) -> Result<(), Box<dyn Error>> {
    let (epochs, seed, threads) = (arguments.number()?, arguments.number()?, arguments.number()?);
    let options = FitOptions::from_spec::<Net>().epochs(epochs).seed(seed).threads(threads).keep_best(true);
    let output = OutputFiles { paths: arguments.paths(), metadata: arrays.metadata()? };
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
        Ok(history) if !was_stopped(history) => output.save(OutputFiles::FINISHED, trainer.network(), kept)?,
        Ok(_) if epochs > 0 => output.save(OutputFiles::UNFINISHED, trainer.network(), kept)?,
        Err(_) if reporter.best_epoch.is_some() && trainer.network().non_finite().is_none() => {
            output.save(OutputFiles::UNFINISHED, trainer.network(), kept)?;
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

/// The files for the weights.
struct OutputFiles {
    /// The file for finished weights, the one for unfinished weights, then rescue files for when
    /// those cannot be written.
    paths: Vec<PathBuf>,
    /// The metadata of the weights.
    metadata: BTreeMap<String, String>,
}

impl OutputFiles {
    const FINISHED: usize = 0;
    const UNFINISHED: usize = 1;
    const RESCUE: usize = 2;

    /// Writes the weights to a file, or to the first rescue file that can be written, so that a
    /// full disk does not cost hours of training. Fails if none can be written.
    fn save(&self, file: usize, network: &Net, kept: Kept) -> Result<(), Box<dyn Error>> {
        let _writing = input::writing();
        let write = |file: usize| self.write(self.paths.get(file).ok_or("an argument is missing")?, network);
        let file = match write(file) {
            Ok(()) => file,
            Err(error) => {
                let rescue = Self::RESCUE..self.paths.len();
                let Some(rescued) = rescue.into_iter().find(|file| write(*file).is_ok()) else { return Err(error) };
                send(&Event::Unwritten(in_full(&*error)));
                rescued
            }
        };
        send(&Event::Saved { epoch: kept.epoch, moment: kept.moment, file });
        Ok(())
    }

    fn write(&self, path: &Path, network: &Net) -> Result<(), Box<dyn Error>> {
        // Links were followed before the training began. A link that was made since may point to a
        // file that it reads.
        if path.is_symlink() {
            return Err(
                format!("cannot write {}: it has become a link since the training began", path.display()).into()
            );
        }
        Ok(network.save_with(path, &self.metadata)?)
    }
}

/// Which weights the network has after a training.
struct Kept {
    epoch: u64,
    moment: Moment,
}

/// Searches for a learning rate. Nothing is saved.
pub fn find_rate(arrays: &Arrays, mut arguments: Arguments, stop: Arc<AtomicBool>) -> Result<(), Box<dyn Error>> {
    let mut options = FindOptions::from_spec::<Net>();
    options.seed = arguments.number()?;
    let train = Set::read(arrays, "train")?;
    let reporter = Reporter::new(stop);
    let trainer = Trainer::<Net>::new(options.seed);
    let found = trainer.find_learning_rate(&train.examples(), &options, |_| reporter.flow())?;
    for trial in &found.trials {
        let learning_rate = printed(trial.learning_rate);
        send(&Event::Trial { learning_rate, loss: Number(trial.loss), smoothed: Number(trial.smoothed) });
    }
    let ended = match found.ended {
        Ended::Finished => SearchEnd::Finished,
        Ended::Diverged => SearchEnd::Diverged,
        Ended::Observer => SearchEnd::Interrupted,
    };
    send(&Event::Found { learning_rate: found.suggestion.map(printed), ended });
    Ok(())
}

/// Measures the loss and metrics of each named set.
pub fn evaluate(arrays: &Arrays, mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let network = Net::load(arguments.path()?)?;
    let mut trainer = Trainer::from_network(&*network, 0);
    trainer.set_threads(arguments.number()?)?;
    while let Some(name) = arguments.next_text() {
        send_result(&name, &mut trainer, &Set::read(arrays, &name)?)?;
    }
    Ok(())
}

/// A set of rows.
struct Set {
    inputs: Vec<Input>,
    targets: Vec<Target>,
    #[cfg(feature = "weights")]
    weights: Vec<f32>,
}

/// The weights of rows: what no spec asks for is not compiled.
#[cfg(feature = "weights")]
type Weights<'a> = &'a [f32];
#[cfg(not(feature = "weights"))]
type Weights<'a> = nn_runtime::row_weights::Unweighted;

impl Set {
    fn read(arrays: &Arrays, name: &str) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            inputs: arrays.rows(&format!("{name}.inputs"))?,
            targets: arrays.rows(&format!("{name}.targets"))?,
            #[cfg(feature = "weights")]
            weights: arrays.rows(&format!("{name}.weights"))?,
        })
    }

    fn examples(&self) -> Examples<'_, Input, Target, Weights<'_>> {
        let examples = Examples::new(&self.inputs, &self.targets);
        #[cfg(feature = "weights")]
        let examples = examples.with_weights(&self.weights);
        examples
    }
}

/// The least time between two reports of a batch. Nobody reads faster.
const BATCH_REPORTS: Duration = Duration::from_millis(50);

/// Reports batches and epochs, and stops the training when it should.
struct Reporter {
    stop: Arc<AtomicBool>,
    last_batch: Instant,
    best_epoch: Option<u64>,
    /// Whether the last step was within an epoch.
    is_within: bool,
    /// Whether a row with an infinite or NaN loss was reported. One report is enough.
    has_reported_row: bool,
}

impl Reporter {
    fn new(stop: Arc<AtomicBool>) -> Self {
        Self { stop, last_batch: Instant::now(), best_epoch: None, is_within: false, has_reported_row: false }
    }

    /// Which weights the network has after this many epochs.
    fn kept(&self, epochs: u64) -> Kept {
        match (self.best_epoch, self.is_within) {
            (Some(epoch), _) => Kept { epoch, moment: Moment::Best },
            (None, false) => Kept { epoch: epochs, moment: Moment::End },
            (None, true) => Kept { epoch: epochs + 1, moment: Moment::Within },
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
            send(&Event::Batch {
                epoch: report.epoch,
                batch: report.batch as u64,
                batches: report.batches as u64,
                loss: printed(report.loss),
            });
        }
        self.flow()
    }

    fn epoch(&mut self, report: &EpochReport) -> ControlFlow<()> {
        self.is_within = false;
        if report.best {
            self.best_epoch = Some(report.epoch);
        }
        if let Some(row) = report.validation.and_then(|validation| validation.non_finite_row())
            && !std::mem::replace(&mut self.has_reported_row, true)
        {
            send(&Event::NonFinite(NonFiniteRow { set: "validation".to_owned(), row, outputs: Vec::new() }));
        }
        let validation = report.validation.iter().flat_map(|validation| measures("val_", validation));
        send(&Event::Epoch {
            epoch: report.epoch,
            epochs: report.epochs,
            best: report.best,
            learning_rate: printed(report.learning_rate),
            measures: measures("", &report.train).chain(validation).collect(),
        });
        self.flow()
    }
}

fn send_end(history: &History, was_stopped: bool, seconds: f64) {
    let stopped = match history.stopped {
        Stopped::EarlyStopping => event::Stopped::EarlyStopping,
        Stopped::Observer if was_stopped => event::Stopped::Interrupted,
        // A request to stop after the last step came too late.
        Stopped::Finished | Stopped::Observer => event::Stopped::Finished,
    };
    send(&Event::End { stopped, best_epoch: history.best_epoch, seconds: Number(seconds) });
}

fn send_result(name: &str, trainer: &mut Trainer<Net>, set: &Set) -> Result<(), Box<dyn Error>> {
    let evaluation = trainer.evaluate(&set.examples())?;
    if let Some(row) = evaluation.non_finite_row() {
        let mut outputs = Vec::new();
        trainer.network().predict(&set.inputs[row]).write(&mut outputs);
        send(&Event::NonFinite(NonFiniteRow { set: name.to_owned(), row, outputs: exact(&outputs) }));
    }
    let measures = measures("", &evaluation).collect();
    send(&Event::Result { set: name.to_owned(), rows: set.inputs.len(), measures });
    Ok(())
}

/// The loss and every metric, by name.
fn measures(prefix: &str, evaluation: &Evaluation) -> impl Iterator<Item = (String, Number)> {
    let loss = ("loss", evaluation.loss);
    [loss].into_iter().chain(evaluation.metrics()).map(move |(name, value)| (format!("{prefix}{name}"), Number(value)))
}
