//! How a network is trained, with every default filled in.

use super::graph::ValueId;
use crate::shape::Shapes;
use crate::span::Span;
use crate::vocabulary::{Loss, Metric, Optimizer};

/// The settings of `train { … }`, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Train {
    /// The terms of the loss, whose weighted sum is minimised.
    pub losses: Vec<LossTerm>,
    /// The outputs that a loss is computed from, in the order of their statements: a row of targets has one for each.
    pub targets: Vec<Target>,
    /// How parameters follow gradients.
    pub optimizer: Optimizer,
    /// The values whose learning rate is not the optimizer's, in the order of `lr`.
    pub rates: Vec<Rate>,
    /// What is measured in addition to the loss.
    pub metrics: Vec<Measure>,
    /// Rows per update.
    pub batch: BatchSize,
    /// Where they are set; the keyword `train` if that is not written.
    pub batch_span: Span,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Seeds initialisation, splits, shuffles and dropout.
    pub seed: u64,
    /// When to stop before the last epoch.
    pub early_stopping: Option<EarlyStopping>,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Its place; the keyword `train` if it is not written.
    pub schedule_span: Span,
    /// The limit of the norm of all gradients.
    pub clip_norm: Option<f64>,
    /// How many batches make up one update.
    pub accumulate: usize,
    /// The keyword `train`.
    pub span: Span,
    /// The optimizer, or the rule.
    pub optimizer_span: Span,
}

impl Train {
    /// Whether there is a loss. Without one the caller brings the gradients of the outputs, and there are neither targets
    /// nor metrics.
    pub fn has_loss(&self) -> bool {
        !self.losses.is_empty()
    }

    /// The name of a reported number: `loss`, `accuracy(action)`.
    pub fn reported_name(&self, reported: Reported) -> &str {
        match reported {
            Reported::Loss => "loss",
            Reported::Metric(metric) => &self.metrics[metric].name,
        }
    }

    /// The name of what is monitored: `val_loss`.
    pub fn monitor_name(&self, monitor: Monitor) -> String {
        let prefix = if monitor.on_validation { "val_" } else { "" };
        format!("{prefix}{}", self.reported_name(monitor.reported))
    }

    /// Of the terms that read a target (an index of [`Train::targets`]), the one with the narrowest range.
    pub fn narrowest_term(&self, target: usize) -> Option<&LossTerm> {
        let terms = self.losses.iter().filter(|term| term.target == target);
        terms.min_by_key(|term| term.loss.target_range())
    }
}

/// The learning rate of a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// The value's name.
    pub value: String,
    /// What the optimizer's learning rate is multiplied by; with 0 the value starts out frozen.
    pub factor: f64,
    /// Its place.
    pub span: Span,
}

/// One term of the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct LossTerm {
    /// The factor before it.
    pub weight: f64,
    /// The loss.
    pub loss: Loss,
    /// The weights of the classes, if rows have different weights.
    pub class_weights: Option<ClassWeights>,
    /// The output it is computed from.
    pub output: ValueId,
    /// The target it is compared with, an index of [`Train::targets`].
    pub target: usize,
    /// Its place.
    pub span: Span,
}

/// A weight for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassWeights {
    /// In the order of the classes.
    pub weights: Vec<f64>,
    /// The list.
    pub span: Span,
}

/// What an output is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The output's index in `Model::outputs`.
    pub index: usize,
    /// The output.
    pub output: ValueId,
    /// Whether it is a class; otherwise it has as many numbers as the output.
    pub is_class: bool,
}

impl Target {
    /// How many numbers it has in a row: a class is one.
    pub fn width(&self, shapes: &Shapes) -> usize {
        if self.is_class { 1 } else { shapes.of(self.output).len() }
    }
}

/// How the learning rate changes during training; definitions in the language reference.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the arguments that the reference defines")]
pub enum Schedule {
    /// Not at all.
    Constant,
    /// By a factor after this many epochs.
    Step { every: usize, factor: f64 },
    /// By a factor after each epoch.
    Exponential { rate: f64 },
    /// Along a line over this many epochs.
    Linear { to: f64, over: usize },
    /// Up during this many steps, then down along a cosine (Loshchilov & Hutter 2017).
    Cosine { warmup: usize },
    /// Up and down along cosines (Smith & Topin 2018).
    OneCycle { max_lr: f64 },
}

/// A metric of one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The metric.
    pub metric: Metric,
    /// The output and its target, an index of [`Train::targets`].
    pub target: usize,
    /// As it is written first: `accuracy`, `accuracy(action)`.
    pub name: String,
}

/// Rows per update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchSize {
    /// All training rows: vanilla gradient descent.
    All,
    /// This many.
    Rows(usize),
}

impl BatchSize {
    /// How many rows a step has, or the largest number if that is not known.
    pub fn rows(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::Rows(rows) => rows,
        }
    }
}

/// A number that training reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// The loss.
    Loss,
    /// A metric, an index of [`Train::metrics`].
    Metric(usize),
}

/// What early stopping watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// The number.
    pub reported: Reported,
    /// Whether it is that of the validation rows.
    pub on_validation: bool,
}

/// When to stop before the last epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyStopping {
    /// What is monitored.
    pub monitor: Monitor,
    /// How many epochs without improvement end training.
    pub patience: usize,
    /// The smallest change that counts as an improvement.
    pub min_delta: f64,
    /// The setting.
    pub span: Span,
}
