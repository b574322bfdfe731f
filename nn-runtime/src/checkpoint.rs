//! Checkpoints: one safetensors file from which a training resumes to the same bits.
//!
//! Besides the contents of a weight file, it has what the optimizer remembers of each parameter that
//! learns, such as `optimizer.m/y.0.weight` and `optimizer.v/y.0.weight`, and as metadata the
//! name of the optimizer, the progress of the training and the learning rates of values. (Rust prints a
//! float so that reading it gives the same bits.)
//!
//! The optimizer's slots are not written as a whole: with another `freeze`, other parameters learn,
//! and they may be as many. With another optimizer the numbers mean something else, though they may
//! have the same name: both `rmsprop` and `adagrad` remember `s`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, Mismatch};
use crate::layers;
use crate::learning_rates::Own;
use crate::memory::Zeroed;
use crate::misfit::Place;
use crate::named::Remembered;
use crate::network;
use crate::schedule::Length;
use crate::tensor::Index;
use crate::trainable::{OptimizerState, Trainable};
use crate::trainer::{Passes, Progress, Trainer};
use crate::weights;
use crate::weights::header::Found;
use crate::weights::read::Stored;
use crate::weights::write::{self, Entry};

impl<N: Trainable> Trainer<N> {
    /// Writes a checkpoint. What was at `path` before is replaced as by
    /// [`Network::save`](crate::network::Network::save).
    ///
    /// # Errors
    ///
    /// The file cannot be written, the network holds a number that is [not
    /// finite](crate::network::Network::non_finite), or gradients wait for
    /// [`update`](Self::update), which a checkpoint does not hold.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.check_applied()?;
        network::check_finite_to_save(&self.network, path.as_ref())?;
        let mut entries = network::entries(&self.network);
        entries.extend(self.optimizer_state().map(|remembered| Entry {
            name: remembered.stored_name(),
            shape: remembered.shape.to_vec(),
            values: remembered.values,
        }));
        let metadata = network::own_metadata::<N>(&self.progress_metadata());
        write::write(path.as_ref(), &metadata, &entries)
    }

    /// A trainer as it was when the checkpoint was written.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is corrupt or holds something else (every difference is listed), or
    /// the network or the optimizer's state has a number that is not finite.
    pub fn load(path: impl AsRef<Path>) -> Result<Box<Self>, Error> {
        let mut trainer = Self::zeroed_box();
        trainer.resume(path)?;
        Ok(trainer)
    }

    /// [`load`](Self::load) in place. After an error the trainer is as it was.
    pub fn resume(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        layers::reserve_to_train::<N>();
        let place = Place::File(path.as_ref().to_owned());
        let bytes = weights::read_bytes(path.as_ref())?;
        let stored = Stored::parse(&place, &bytes)?;
        let model = network::model::<N>();
        let own = model.tensors.iter().map(|tensor| (tensor.name.to_owned(), tensor.shape));
        let state = self.optimizer_state().map(|remembered| (remembered.stored_name(), remembered.shape));
        let found = stored.tensors()?;
        let mut mismatches = stored.mismatches(&model, own.chain(state), &found);
        let metadata = stored.metadata();
        mismatches.extend(other_optimizer::<N>(&metadata));
        let mut numbers = Numbers { metadata, mismatches: &mut mismatches };
        let (progress, epoch_metrics) = read_progress::<N>(&mut numbers);
        let rates: Vec<Own> =
            N::LEARNING_RATES.values.iter().map(|value| read_rate(value.name, &mut numbers)).collect();
        if !mismatches.is_empty() {
            return Err(stored.mismatch(N::NAME, mismatches));
        }
        let numbers_of = |name: &str| found.get(name).map(Found::numbers).into_iter().flatten();
        for remembered in self.optimizer_state() {
            let (name, shape) = (remembered.stored_name(), remembered.shape);
            let number = numbers_of(&name).enumerate().find(|(_, number)| !number.is_finite());
            if let Some((index, value)) = number {
                let number = format!("{name}{} is {value}", Index { shape, index });
                return Err(Error::NonFiniteState { path: path.as_ref().to_owned(), number });
            }
        }
        stored.check_finite(&model)?;
        network::fill(&stored, &mut self.network);
        for remembered in self.optimizer_state_mut() {
            let numbers = numbers_of(&remembered.stored_name());
            remembered.values.iter_mut().zip(numbers).for_each(|(value, number)| *value = number);
        }
        self.state.own_rates_mut().clone_from_slice(&rates);
        self.progress = progress;
        self.passes = Passes::zeroed();
        self.epoch_metrics = epoch_metrics;
        Ok(())
    }

    /// The optimizer and the progress of the training, as text.
    fn progress_metadata(&self) -> BTreeMap<String, String> {
        let Progress { seed, step, epoch, batch, epoch_rows, epoch_loss, learning_rate, length } = &self.progress;
        let entries: [(&str, &dyn Display); 10] = [
            (OPTIMIZER, &N::OPTIMIZER),
            (SEED, seed),
            (STEP, step),
            (EPOCH, epoch),
            (BATCH, batch),
            (EPOCH_ROWS, epoch_rows),
            (EPOCH_LOSS, epoch_loss),
            (LEARNING_RATE, learning_rate),
            (LENGTH_EPOCHS, &length.epochs),
            (LENGTH_STEPS, &length.epoch_steps),
        ];
        let metrics = self.epoch_metrics.as_ref().iter().enumerate();
        let rates = N::LEARNING_RATES.values.iter().zip(self.state.own_rates()).flat_map(|(value, own)| {
            let [factor, steps] = rate_names(value.name);
            [(factor, own.factor.to_string()), (steps, own.steps.to_string())]
        });
        entries
            .iter()
            .map(|(key, number)| ((*key).to_owned(), number.to_string()))
            .chain(metrics.map(|(metric, sum)| (metric_name(metric), sum.to_string())))
            .chain(rates)
            .collect()
    }
}

const OPTIMIZER: &str = "nn.optimizer";
const SEED: &str = "nn.seed";
const STEP: &str = "nn.step";
const EPOCH: &str = "nn.epoch";
const BATCH: &str = "nn.epoch.batch";
const EPOCH_ROWS: &str = "nn.epoch.rows";
const EPOCH_LOSS: &str = "nn.epoch.loss";
const LEARNING_RATE: &str = "nn.learning_rate";
const LENGTH_EPOCHS: &str = "nn.length.epochs";
const LENGTH_STEPS: &str = "nn.length.epoch_steps";

fn metric_name(metric: usize) -> String {
    format!("nn.epoch.metric.{metric}")
}

/// The keys of the factor of a value's learning rate, and of its steps.
fn rate_names(value: &str) -> [String; 2] {
    [format!("nn.learning_rate.{value}.factor"), format!("nn.learning_rate.{value}.steps")]
}

impl<S> Remembered<S> {
    /// Its name in a checkpoint. (No tensor of a network has a `/` in its name.)
    fn stored_name(&self) -> String {
        format!("optimizer.{}/{}", self.slot, self.name)
    }
}

/// The mismatch of a checkpoint of another optimizer. (The first versions did not write which it is.)
fn other_optimizer<N: Trainable>(metadata: &BTreeMap<String, String>) -> Option<Mismatch> {
    let found = metadata.get(OPTIMIZER).filter(|&optimizer| optimizer != N::OPTIMIZER)?.clone();
    Some(Mismatch::Metadata { key: OPTIMIZER.to_owned(), expected: N::OPTIMIZER.to_owned(), found })
}

/// The progress of the training. What is missing is noted, and 0.
fn read_progress<N: Trainable>(numbers: &mut Numbers<'_>) -> (Progress, N::Metrics) {
    let progress = Progress {
        seed: numbers.take(SEED),
        step: numbers.take(STEP),
        epoch: numbers.take(EPOCH),
        batch: numbers.take(BATCH),
        epoch_rows: numbers.take(EPOCH_ROWS),
        epoch_loss: numbers.take(EPOCH_LOSS),
        learning_rate: numbers.take(LEARNING_RATE),
        length: Length { epochs: numbers.take(LENGTH_EPOCHS), epoch_steps: numbers.take(LENGTH_STEPS) },
    };
    let mut metrics = N::Metrics::zeroed();
    for (metric, sum) in metrics.as_mut().iter_mut().enumerate() {
        *sum = numbers.take(&metric_name(metric));
    }
    (progress, metrics)
}

/// The learning rate of a value.
fn read_rate(value: &str, numbers: &mut Numbers<'_>) -> Own {
    let [factor, steps] = rate_names(value);
    Own {
        factor: numbers.take_if(&factor, |factor: &f32| factor.is_finite() && *factor >= 0.0),
        steps: numbers.take(&steps),
    }
}

/// Reads numbers, and notes those that are not there.
struct Numbers<'a> {
    metadata: BTreeMap<String, String>,
    mismatches: &'a mut Vec<Mismatch>,
}

impl Numbers<'_> {
    fn take<T: FromStr + Default>(&mut self, key: &str) -> T {
        self.take_if(key, |_| true)
    }

    /// [`take`](Self::take), where other numbers than these count as missing.
    fn take_if<T: FromStr + Default>(&mut self, key: &str, is_sound: impl FnOnce(&T) -> bool) -> T {
        let number = self.metadata.get(key).and_then(|text| text.parse().ok()).filter(is_sound);
        number.unwrap_or_else(|| {
            let key = key.to_owned();
            self.mismatches.push(Mismatch::NotACheckpoint { key });
            T::default()
        })
    }
}
