//! Reports of a running `fit`, and how to stop it.

use core::ops::ControlFlow;

use crate::evaluation::Evaluation;

/// Called after every batch and every epoch; `Break` stops the training there.
pub trait Observer {
    /// After a step.
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        let _ = report;
        ControlFlow::Continue(())
    }

    /// After an epoch and its validation.
    fn epoch(&mut self, report: &EpochReport) -> ControlFlow<()> {
        let _ = report;
        ControlFlow::Continue(())
    }
}

/// Ignores all reports.
impl Observer for () {}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchReport {
    /// The epoch it belongs to, from 1.
    pub epoch: u64,
    /// The step, from 1, over all epochs.
    pub step: u64,
    /// The batch, from 1, in its epoch; with `accumulate`, all those of a step are counted as one.
    pub batch: usize,
    /// Batches of an epoch.
    pub batches: usize,
    /// The batch's loss, before the update.
    pub loss: f32,
    /// The learning rate of the update.
    pub learning_rate: f32,
}

/// An epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpochReport {
    /// The epoch, from 1.
    pub epoch: u64,
    /// The last epoch of the training.
    pub epochs: u64,
    /// Means over the epoch's rows, each as it was when the row's batch was trained on.
    pub train: Evaluation,
    /// Of the validation rows after the epoch; [`Evaluation::non_finite_row`] names a row that is
    /// not finite.
    pub validation: Option<Evaluation>,
    /// The learning rate of the epoch's last step.
    pub learning_rate: f32,
    /// Whether the monitored number is the best so far. Never if a measured number is not finite.
    pub best: bool,
}
