//! Epochs: shuffled mini-batches, validation, early stopping.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::batches::Batches;
use crate::early_stopping::EarlyStopping;
use crate::error::{Error, Set};
use crate::evaluation::Evaluation;
use crate::examples::Examples;
use crate::history::{History, Stopped};
use crate::memory::Zeroed;
use crate::network::{Network, TensorKind};
use crate::observer::{BatchReport, EpochReport, Observer};
use crate::row_weights::RowWeights;
use crate::schedule::Length;
use crate::trainable::{self, Trainable};
use crate::trainer::{self, Trainer};
use crate::watch::Watch;

/// How to train: what the spec says, changed by methods or by its fields.
///
/// ```
/// # use nn_runtime::prelude::*;
/// # network! {
/// #     network Line { input x: [1]; output y = x -> dense(1);
/// #         train { loss: mse; optimizer: sgd(lr: 0.1); batch: all; epochs: 20; } }
/// # }
/// let options = FitOptions::from_spec::<Line>().epochs(5).shuffle(false);
/// assert_eq!((options.epochs, options.shuffle, options.seed), (5, false, 0));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FitOptions {
    /// Epochs of this call. One that was stopped half way is finished first, and counts.
    pub epochs: usize,
    /// Of the order of the rows; each epoch has its own.
    pub seed: u64,
    /// Whether the rows come in a new order each epoch. (Where a batch is all rows there is no
    /// order.)
    pub shuffle: bool,
    /// When to stop before the last epoch. Each call of `fit` counts its own epochs.
    pub early_stopping: Option<EarlyStopping>,
    /// Whether the network has the values of its best epoch in the end: by what early stopping
    /// monitors, else by `val_loss`; without both, those of the last epoch. (The optimizer's state
    /// is always that of the last step: to resume to the same bits later, do not keep the best.)
    ///
    /// Validation measures these values. A monitor of the training rows (`loss`, `accuracy`) is
    /// measured during the epoch, batch by batch, each before its update: the values that are kept
    /// have updates that it did not see.
    pub keep_best: bool,
    /// How many epochs the spec's schedule is stretched over, those of earlier calls included.
    /// `None`: up to the last of this call, or as many as an earlier call said if those are more.
    /// So a training that was stopped continues along its schedule. If you plan several calls from
    /// the start, set the whole length here.
    pub schedule_epochs: Option<usize>,
    /// Threads of this call; 0: as many as the trainer has ([`Trainer::set_threads`]). The bits are
    /// the same for any number.
    pub threads: usize,
}

impl FitOptions {
    /// What the spec says. The best epoch is kept where it says `early_stopping`.
    pub fn from_spec<N: Trainable>() -> Self {
        Self {
            epochs: N::EPOCHS,
            seed: N::SEED,
            shuffle: true,
            early_stopping: N::EARLY_STOPPING,
            keep_best: N::EARLY_STOPPING.is_some(),
            schedule_epochs: None,
            threads: 0,
        }
    }

    /// Sets [`epochs`](Self::epochs).
    #[must_use]
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Sets [`shuffle`](Self::shuffle).
    #[must_use]
    pub fn shuffle(self, shuffle: bool) -> Self {
        Self { shuffle, ..self }
    }

    /// Sets [`early_stopping`](Self::early_stopping): a rule, or `None`.
    #[must_use]
    pub fn early_stopping(self, early_stopping: impl Into<Option<EarlyStopping>>) -> Self {
        Self { early_stopping: early_stopping.into(), ..self }
    }

    /// Sets [`keep_best`](Self::keep_best).
    #[must_use]
    pub fn keep_best(self, keep_best: bool) -> Self {
        Self { keep_best, ..self }
    }

    /// Sets [`schedule_epochs`](Self::schedule_epochs): a number, or `None`.
    #[must_use]
    pub fn schedule_epochs(self, schedule_epochs: impl Into<Option<usize>>) -> Self {
        Self { schedule_epochs: schedule_epochs.into(), ..self }
    }

    /// Sets [`threads`](Self::threads).
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }
}

impl<N: Trainable> Trainer<N> {
    /// Trains for some epochs. Each takes all rows in mini-batches of the spec's `batch`; a last
    /// one that is too small for batch norm is left out ([`Trainable::rows_left_out`],
    /// [`History::rows_left_out`]). With `accumulate`, the epoch's last step may have fewer
    /// batches.
    ///
    /// [Weights](Examples::with_weights) of the training rows weigh their losses, and those of the
    /// validation rows `val_loss`; metrics are means over the rows.
    ///
    /// # Errors
    ///
    /// - Nothing is trained: rows in `train` or `validation` that do not fit, an unknown monitor, a
    ///   schedule that does not fit the length of the training, threads that the system does not
    ///   give.
    /// - The network keeps what it learned before, or its best epoch if `options` say so: a loss
    ///   that is not finite.
    /// - The last step made a parameter infinite or NaN.
    ///
    /// Validation rows whose loss is not finite are not an error: the epoch's
    /// [`EpochReport::validation`] names the first, and the epoch is never the best.
    pub fn fit(
        &mut self,
        train: &Examples<'_, N::Input, N::Target, impl RowWeights>,
        validation: &Examples<'_, N::Input, N::Target, impl RowWeights>,
        options: &FitOptions,
        observer: &mut impl Observer,
    ) -> Result<History, Error> {
        trainable::check_examples::<N>(Set::Training, train)?;
        trainable::check_least::<N>(Set::Training, train.inputs.len())?;
        if !validation.is_empty() {
            trainable::check_examples::<N>(Set::Validation, validation)?;
        }
        self.check_applied()?;
        let watch = watch::<N>(options, !validation.is_empty())?;
        let batches = Batches::new(train, options.shuffle);
        self.plan_schedule(options, batches.count)?;
        let threads = self.threads;
        if options.threads > 0 {
            self.set_threads(options.threads)?;
        }
        if self.progress.step == 0 {
            self.fit_normalization(train.inputs);
        }
        let mut best = None;
        let result = Fit {
            last_epoch: self.progress.epoch + options.epochs as u64,
            trainer: self,
            train,
            validation,
            options,
            observer,
            batches,
            watch,
            best: &mut best,
            learning_rate: 0.0,
        }
        .run();
        self.threads = threads;
        if let Some(best) = best {
            copy_values(&*best, &mut self.network);
        }
        let history = result?;
        match self.network.non_finite() {
            None => Ok(history),
            Some(number) => {
                let remedies = trainer::remedies::<N>(self.learning_rate());
                Err(Error::NonFiniteParameter { step: self.progress.step, number, remedies })
            }
        }
    }
}

/// What decides on the best epoch.
fn watch<N: Trainable>(options: &FitOptions, validates: bool) -> Result<Option<Watch>, Error> {
    let validation_loss = EarlyStopping { monitor: "val_loss", patience: usize::MAX, min_delta: 0.0 };
    options
        .early_stopping
        .or(validates.then_some(validation_loss))
        .map(|rule| Watch::new(rule, N::METRICS, validates))
        .transpose()
}

/// Parameters and statistics.
fn copy_values<N: Network>(from: &N, to: &mut N) {
    for kind in TensorKind::ALL {
        to.values_mut(kind).copy_from_slice(from.values(kind));
    }
}

/// One call of `fit`.
struct Fit<'a, N: Trainable, O, W, V> {
    trainer: &'a mut Trainer<N>,
    train: &'a Examples<'a, N::Input, N::Target, W>,
    validation: &'a Examples<'a, N::Input, N::Target, V>,
    options: &'a FitOptions,
    observer: &'a mut O,
    batches: Batches<N>,
    watch: Option<Watch>,
    /// The network of the best epoch, if it is to be kept.
    best: &'a mut Option<Box<N>>,
    last_epoch: u64,
    /// Of the last step.
    learning_rate: f32,
}

impl<N: Trainable, O: Observer, W: RowWeights, V: RowWeights> Fit<'_, N, O, W, V> {
    fn run(mut self) -> Result<History, Error> {
        let mut history = History {
            epochs: Vec::new(),
            best_epoch: None,
            rows_left_out: N::rows_left_out(self.train.inputs.len()),
            stopped: Stopped::Finished,
        };
        while self.trainer.progress.epoch < self.last_epoch {
            if self.train_epoch()?.is_break() {
                history.stopped = Stopped::Observer;
                break;
            }
            let report = self.finish_epoch();
            if report.best {
                history.best_epoch = Some(report.epoch);
            }
            history.epochs.push(report);
            if self.observer.epoch(&report).is_break() {
                history.stopped = Stopped::Observer;
                break;
            }
            if self.watch.as_ref().is_some_and(Watch::is_over) {
                history.stopped = Stopped::EarlyStopping;
                break;
            }
        }
        Ok(history)
    }

    /// The epoch's batches, from the one where the last call was stopped.
    fn train_epoch(&mut self) -> Result<ControlFlow<()>, Error> {
        let epoch = self.trainer.progress.epoch;
        self.batches.order(self.options.seed, epoch);
        let batches = self.batches.count;
        for batch in self.trainer.progress.batch as usize..batches {
            let rows = self.batches.get(self.train, batch);
            let learning_rate = self.trainer.learning_rate();
            let (loss, metrics) = self.trainer.advance(&rows, learning_rate)?;
            self.learning_rate = learning_rate;
            self.trainer.add_to_epoch(loss, metrics, rows.inputs.len());
            let report = BatchReport {
                epoch: epoch + 1,
                step: self.trainer.progress.step,
                batch: batch + 1,
                batches,
                loss: loss as f32,
                learning_rate,
            };
            if self.observer.batch(&report).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Validates, and keeps what is best.
    fn finish_epoch(&mut self) -> EpochReport {
        let train = self.trainer.close_epoch();
        let validation = (!self.validation.is_empty()).then(|| self.trainer.evaluate_checked(self.validation));
        let best = self.watch.as_mut().is_some_and(|watch| watch.improves(&train, validation.as_ref()));
        if best && self.options.keep_best {
            let network = self.best.get_or_insert_with(N::zeroed_box);
            copy_values(&self.trainer.network, network);
        }
        let Self { last_epoch: epochs, learning_rate, .. } = *self;
        EpochReport { epoch: self.trainer.progress.epoch, epochs, train, validation, learning_rate, best }
    }
}

impl<N: Trainable> Trainer<N> {
    /// Stretches the schedule over the training that `options` speak of.
    fn plan_schedule(&mut self, options: &FitOptions, epoch_steps: usize) -> Result<(), Error> {
        if options.epochs == 0 {
            return Ok(());
        }
        let last_epoch = self.progress.epoch + options.epochs as u64;
        let epochs = match options.schedule_epochs {
            Some(epochs) => epochs as u64,
            None => last_epoch.max(self.progress.length.epochs),
        };
        self.set_length(Length { epochs, epoch_steps: epoch_steps as u64 })
    }

    /// Counts a batch of the running epoch.
    fn add_to_epoch(&mut self, loss: f64, metrics: N::Metrics, rows: usize) {
        self.progress.batch += 1;
        self.progress.epoch_rows += rows as u64;
        self.progress.epoch_loss += loss * rows as f64;
        trainable::add_metrics(self.epoch_metrics.as_mut(), metrics.as_ref());
    }

    /// The means of the epoch that is over.
    fn close_epoch(&mut self) -> Evaluation {
        let progress = &mut self.progress;
        let rows = progress.epoch_rows as usize;
        let loss = progress.epoch_loss / rows as f64;
        let metrics = core::mem::replace(&mut self.epoch_metrics, N::Metrics::zeroed());
        progress.epoch += 1;
        progress.batch = 0;
        progress.epoch_rows = 0;
        progress.epoch_loss = 0.0;
        trainable::evaluation::<N>(loss, metrics, rows)
    }
}
