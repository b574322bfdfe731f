//! The record of a training.

use alloc::vec::Vec;

use crate::observer::EpochReport;

/// The epochs of one call of `fit`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// In their order.
    pub epochs: Vec<EpochReport>,
    /// The epoch (from 1) with the best monitored number, where one is monitored.
    pub best_epoch: Option<u64>,
    /// How many training rows were left out of each epoch, since their batch would have been too
    /// small for batch norm
    /// ([`Trainable::rows_left_out`](crate::trainable::Trainable::rows_left_out)).
    pub rows_left_out: usize,
    /// Why it ended.
    pub stopped: Stopped,
}

/// Why a training ended. Programs report it, so they match all reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// All epochs are done.
    Finished,
    /// The monitored number no longer improved.
    EarlyStopping,
    /// The observer stopped it.
    Observer,
}
