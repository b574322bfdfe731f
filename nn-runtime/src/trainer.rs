//! A network in training: gradients, optimizer state, workspace and progress.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;

use crate::error::{Error, Remedies, Set};
use crate::evaluation::Evaluation;
use crate::examples::Examples;
use crate::layers;
use crate::learning_rates;
use crate::memory::Zeroed;
use crate::row_weights::RowWeights;
use crate::schedule::{Length, Schedule};
use crate::threads;
use crate::trainable::{self, Diverged, OptimizerState, StepBatch, Trainable};

// `plain!` implements an unsafe trait. Outside this crate the lint does not look into the macro.
#[allow(unsafe_code)]
mod value {
    use crate::schedule::Length;
    use crate::trainable::Trainable;

    crate::plain! {
        /// Trains a network. One plain value: one allocation, and a step makes no other.
        pub struct Trainer<N: Trainable> {
            pub(crate) network: N,
            pub(crate) gradients: N::Parameters,
            pub(crate) state: N::State,
            pub(crate) workspace: N::Workspace,
            pub(crate) outputs: N::Outputs,
            pub(crate) passes: Passes,
            pub(crate) progress: Progress,
            pub(crate) epoch_metrics: N::Metrics,
            /// Where it computes: no part of the training, so not of a checkpoint.
            pub(crate) threads: usize,
        }
    }

    crate::plain! {
        /// What `forward` and `backward` have done since the last update. Not part of a checkpoint.
        pub struct Passes {
            /// Rows of all forward passes: each pass draws its own masks of dropout.
            pub(crate) rows: u64,
            /// Rows of the forward pass that `backward` would go through; 0 where there is none.
            pub(crate) forward: usize,
            /// How many backward passes have added to the gradients; without any, what the
            /// gradients hold is not defined.
            pub(crate) backward: usize,
        }
    }

    crate::plain! {
        /// The progress of a training.
        #[derive(Debug)]
        pub struct Progress {
            /// Of the random numbers in training, such as dropout's masks.
            pub seed: u64,
            /// Steps done.
            pub step: u64,
            /// Epochs done.
            pub epoch: u64,
            /// Batches of the next epoch that are done: not 0 if `fit` was stopped half way.
            pub batch: u64,
            /// Rows of these batches.
            pub epoch_rows: u64,
            /// The sum of their losses, each times its rows.
            pub epoch_loss: f64,
            /// The optimizer's learning rate: that of every step, or what the spec's schedule
            /// starts from.
            pub learning_rate: f32,
            /// How long the training is, as far as it is known: what the schedule is stretched
            /// over.
            pub length: Length,
        }
    }
}

pub(crate) use value::Passes;
pub use value::{Progress, Trainer};

impl<N: Trainable> Trainer<N> {
    /// A trainer of a network with initial values, made in place.
    #[cfg(feature = "alloc")]
    pub fn new(seed: u64) -> Box<Self> {
        let mut trainer = Self::zeroed_box();
        Self::init_in(&mut trainer, seed);
        trainer
    }

    /// Makes `slot` what [`new`](Self::new) would return, whatever it held. A slot can be a
    /// `static` that is [`zeroed`](crate::memory::zeroed).
    pub fn init_in(slot: &mut Self, seed: u64) {
        N::init_in(&mut slot.network, seed);
        slot.restart(seed);
    }

    /// Continues from an existing network, such as one loaded from a file.
    #[cfg(feature = "alloc")]
    pub fn from_network(network: &N, seed: u64) -> Box<Self> {
        let mut trainer = Self::zeroed_box();
        for kind in crate::network::TensorKind::ALL {
            let values = network.values(kind);
            trainer.network.values_mut(kind).copy_from_slice(values);
        }
        trainer.restart(seed);
        trainer
    }

    /// Everything but the network as it is before the first step.
    fn restart(&mut self, seed: u64) {
        layers::reserve_to_train::<N>();
        self.state.slots_mut().for_each(|slot| slot.fill(0.0));
        learning_rates::restart(N::LEARNING_RATES, self.state.own_rates_mut());
        self.epoch_metrics.as_mut().fill(0.0);
        self.threads = 1;
        self.passes = Passes::zeroed();
        self.progress = Progress {
            seed,
            step: 0,
            epoch: 0,
            batch: 0,
            epoch_rows: 0,
            epoch_loss: 0.0,
            learning_rate: N::LEARNING_RATE,
            length: Length::zeroed(),
        };
    }

    /// Computes on so many threads from now on; 0 is one, as in a new trainer. The bits are the
    /// same for any number, and a network that is too small to gain by it stays on the caller's
    /// thread.
    ///
    /// On one thread a step takes no memory and no lock. The threads are started here, and kept for
    /// all trainers. (Layers wider than 32 pack their operands into 272 KiB that each thread keeps
    /// for all trainers. It allocates them when it makes a trainer, or in its first step of a
    /// trainer that another thread made.)
    ///
    /// # Errors
    ///
    /// The system gives no such threads, or the crate is built without its feature `rayon`.
    pub fn set_threads(&mut self, threads: usize) -> Result<(), Error> {
        threads::prepare(threads)?;
        self.threads = threads;
        Ok(())
    }

    /// Where the network's work is done. It takes the workspace, so no forward pass is left there.
    pub(crate) fn within<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        self.passes.forward = 0;
        if const { !N::SHARES_WORK } {
            return work(self);
        }
        threads::within(self.threads, || work(self))
    }

    /// One step on a mini-batch of 1 to `BATCH` rows: forward, backward, update. Returns the loss
    /// before the update, penalties included. Allocates nothing on one thread.
    ///
    /// Where the spec says `accumulate: n`, a step takes up to n times as many rows: their
    /// gradients are added up batch by batch.
    ///
    /// # Errors
    ///
    /// No rows, too few for batch norm or more than `BATCH` times `ACCUMULATE`; inputs and targets
    /// of unequal lengths; a class that does not exist; a number that is not finite; a schedule
    /// whose [length](Self::set_length) is not known; gradients that wait for
    /// [`update`](Self::update); a network without a loss. No parameter is changed then.
    pub fn step(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error> {
        self.step_examples(&Examples::new(inputs, targets))
    }

    /// [`step`](Self::step) with a weight for each row: the loss of n rows is Σ w·L / n, penalties
    /// included as in `step`. A weight of 0 masks a row, and a negative one moves away from its
    /// target, as policy gradients do with a negative advantage. Where all weights are 1, this is
    /// `step` to the same bits.
    ///
    /// Weights change nothing but the loss: batch norm takes its mean and variance from all rows
    /// alike, and the rows must be sound even where their weight is 0.
    ///
    /// # Errors
    ///
    /// Those of [`step`](Self::step); weights that are not as many as the rows, or not finite.
    pub fn step_weighted(
        &mut self,
        inputs: &[N::Input],
        targets: &[N::Target],
        row_weights: &[f32],
    ) -> Result<f32, Error> {
        self.step_examples(&Examples::new(inputs, targets).with_weights(row_weights))
    }

    /// A step on any rows.
    fn step_examples(&mut self, rows: &Examples<'_, N::Input, N::Target, impl RowWeights>) -> Result<f32, Error> {
        self.check_step(rows)?;
        self.check_length()?;
        let (loss, _) = self.advance(rows, self.learning_rate())?;
        Ok(loss as f32)
    }

    /// Whether a step takes these rows.
    pub(crate) fn check_step(&self, rows: &Examples<'_, N::Input, N::Target, impl RowWeights>) -> Result<(), Error> {
        trainable::check_examples::<N>(Set::Batch, rows)?;
        trainable::check_least::<N>(Set::Batch, rows.inputs.len())?;
        let (rows, accumulate) = (rows.inputs.len(), N::ACCUMULATE);
        if let Some(batch) = N::BATCH {
            if rows > batch * accumulate {
                return Err(Error::TooManyRows { rows, batch, accumulate });
            }
            if rows % batch > 0 {
                trainable::check_least::<N>(Set::LastBatch, rows % batch)?;
            }
        }
        Ok(())
    }

    /// Whether the learning rate of the next step is known.
    pub(crate) fn check_length(&self) -> Result<(), Error> {
        let schedule = &N::SCHEDULE;
        if *schedule != Schedule::Constant && !self.progress.length.is_known() {
            return Err(Error::NoLength { schedule: schedule.name() });
        }
        Ok(())
    }

    /// [`step`](Self::step) on checked rows; besides the loss, the sums of the rows' metrics.
    pub(crate) fn advance<W: RowWeights>(
        &mut self,
        rows: &Examples<'_, N::Input, N::Target, W>,
        learning_rate: f32,
    ) -> Result<(f64, N::Metrics), Error> {
        self.check_applied()?;
        let step = self.progress.step + 1;
        let batch = StepBatch::<N, W> { rows: *rows, seed: self.progress.seed, step, first_row: 0, learning_rate };
        let stepped = self.within(|trainer| {
            let Self { network, gradients, state, workspace, .. } = trainer;
            batch.step(network, gradients, state, workspace)
        });
        match stepped {
            Ok(loss_and_metrics) => {
                self.progress.step = step;
                self.passes.rows = 0;
                Ok(loss_and_metrics)
            }
            Err(Diverged::Loss) => {
                let place = batch.non_finite_place(&mut self.network, &mut self.outputs, &mut self.workspace);
                Err(Error::NonFinite { step, place, remedies: remedies::<N>(learning_rate) })
            }
            Err(Diverged::Gradient) => {
                let parameter = trainable::non_finite_gradient::<N>(&self.gradients);
                Err(Error::NonFiniteGradient { step, parameter, remedies: remedies::<N>(learning_rate) })
            }
        }
    }

    /// Loss, penalties included, and metrics of any number of rows, in inference mode. Allocates
    /// nothing: the workspace serves.
    ///
    /// Where they are [not finite](Evaluation::is_finite),
    /// [`non_finite_row`](Evaluation::non_finite_row) says which row is the first.
    ///
    /// Where the examples have [weights](Examples::with_weights), the loss is weighted by them. The
    /// metrics are means over the rows.
    pub fn evaluate(
        &mut self,
        examples: &Examples<'_, N::Input, N::Target, impl RowWeights>,
    ) -> Result<Evaluation, Error> {
        trainable::check_examples::<N>(Set::Evaluation, examples)?;
        Ok(self.evaluate_checked(examples))
    }

    /// [`evaluate`](Self::evaluate) of checked rows.
    pub(crate) fn evaluate_checked(
        &mut self,
        examples: &Examples<'_, N::Input, N::Target, impl RowWeights>,
    ) -> Evaluation {
        self.within(|trainer| {
            let scratch = trainer.workspace.as_mut();
            trainable::evaluate_rows(&trainer.network, examples, scratch)
        })
    }

    /// Sets the statistics of every `normalize` layer to those of these rows. `fit` does so before
    /// the first step; if you call `step` yourself, do it here.
    pub fn fit_normalization(&mut self, inputs: &[N::Input]) {
        self.passes.forward = 0;
        if N::NORMALIZES && !inputs.is_empty() {
            self.network.fit_normalization(inputs, &mut self.workspace);
        }
    }

    /// The network as trained so far.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network, to be changed. (A forward pass through what it was is over then.)
    pub fn network_mut(&mut self) -> &mut N {
        self.passes.forward = 0;
        &mut self.network
    }

    /// The network alone.
    #[cfg(feature = "alloc")]
    #[expect(clippy::boxed_local, reason = "a trainer may be larger than the stack that it would be moved to")]
    pub fn into_network(self: Box<Self>) -> Box<N> {
        self.network.boxed()
    }

    /// The progress of the training.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Steps done.
    pub fn steps(&self) -> u64 {
        self.progress.step
    }

    /// Epochs done.
    pub fn epochs(&self) -> u64 {
        self.progress.epoch
    }

    /// Sets the optimizer's learning rate: that of the steps to come, or what their schedule starts
    /// from (`one_cycle` has a rate of its own).
    pub fn set_learning_rate(&mut self, learning_rate: f32) {
        self.progress.learning_rate = learning_rate;
    }

    /// Sets what the optimizer's learning rate is multiplied by for the layers of a value. Its name
    /// is one of those that `lr` of the spec's `train` names: code is generated for these alone.
    ///
    /// With 0 the value is frozen: neither its parameters nor what the optimizer remembers of them
    /// change until another factor is set, its gradients do not count in `clip_norm`, and its
    /// penalties stay in the reported loss. Its gradients are computed all the same, and its batch
    /// norms and dropout work as in training: `freeze` in the spec saves that.
    ///
    /// ```
    /// use nn_runtime::prelude::*;
    ///
    /// network! {
    ///     network Net {
    ///         input x: [2];
    ///         trunk = x -> dense(3) -> tanh;
    ///         output y = trunk -> dense(1);
    ///         train { loss: mse; optimizer: adam; lr: trunk * 0; }
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Error> {
    /// let mut trainer = Trainer::<Net>::new(1);
    /// trainer.step(&[[1.0, 2.0]], &[[0.5]])?; // only the layer of `y` learns
    /// trainer.set_learning_rate_factor("trunk", 0.1)?;
    /// assert_eq!(trainer.learning_rate_factor("trunk"), Some(0.1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The spec's `lr` does not name the value, or the factor is not a finite number of 0 or more.
    pub fn set_learning_rate_factor(&mut self, value: &str, factor: f32) -> Result<(), Error> {
        if !(factor.is_finite() && factor >= 0.0) {
            return Err(Error::BadLearningRateFactor { factor });
        }
        let values = N::LEARNING_RATES.values;
        let index = values.iter().position(|own| own.name == value);
        match index.and_then(|index| self.state.own_rates_mut().get_mut(index)) {
            Some(own) => {
                own.factor = factor;
                Ok(())
            }
            None => Err(Error::NoLearningRateOfValue { network: N::NAME, values }),
        }
    }

    /// What the optimizer's learning rate is multiplied by for the layers of a value; `None` where
    /// the spec's `lr` does not name it.
    pub fn learning_rate_factor(&self, value: &str) -> Option<f32> {
        let index = N::LEARNING_RATES.values.iter().position(|own| own.name == value)?;
        self.state.own_rates().get(index).map(|own| own.factor)
    }

    /// The learning rate of the next step, as the spec's schedule has it; the optimizer's where it
    /// has none, or where the length of the training is not known yet.
    pub fn learning_rate(&self) -> f32 {
        let Progress { learning_rate, step, length, .. } = self.progress;
        // A program without a schedule then has no cosine and no power in f64: 14 KB on a Cortex-M4.
        if const { matches!(N::SCHEDULE, Schedule::Constant) } {
            return learning_rate;
        }
        if length.is_known() { N::SCHEDULE.learning_rate(learning_rate, step, length) } else { learning_rate }
    }

    /// Says how long the training is, from its first step on: what the spec's schedule is stretched
    /// over. `fit` does so itself; if you call `step` yourself, do it here.
    ///
    /// # Errors
    ///
    /// The schedule does not fit this length.
    pub fn set_length(&mut self, length: Length) -> Result<(), Error> {
        N::SCHEDULE.check(length)?;
        self.progress.length = length;
        Ok(())
    }
}

/// Advice for numbers that are not finite.
pub(crate) fn remedies<N: Trainable>(learning_rate: f32) -> Remedies {
    Remedies { learning_rate, normalizes: N::NORMALIZES, clips: N::CLIP_NORM.is_some() }
}
