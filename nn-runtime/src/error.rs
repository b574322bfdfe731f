//! Errors whose cause is outside the program's code.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::fmt;
#[cfg(feature = "std")]
use std::{path::PathBuf, string::String};

pub use crate::layers::embedding::BadToken;
pub use crate::targets::BadTarget;
pub use crate::tensor::NonFinite;

#[cfg(feature = "alloc")]
pub use crate::misfit::Mismatch;
pub use crate::misfit::{Damage, FirstMismatch, Model, OtherModel, Place};

/// Bad rows, a training that diverges, or a file that does not fit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to compute a loss of.
    #[error("the {set} has no rows")]
    NoRows {
        /// Where rows were wanted.
        set: Set,
    },
    /// A row of inputs without its target, or the other way round.
    #[error("the {set} has {inputs} rows of inputs, but {targets} of targets")]
    UnequalLengths {
        /// Where it was seen.
        set: Set,
        /// Rows of inputs.
        inputs: usize,
        /// Rows of targets.
        targets: usize,
    },
    /// Batch norm needs two rows to take a variance of.
    #[error("the {set} has too few rows: {rows}; the network needs {least}")]
    TooFewRows {
        /// Where it was seen.
        set: Set,
        /// Rows given.
        rows: usize,
        /// Rows needed.
        least: usize,
    },
    /// A step on more rows than the spec's `batch`, times its `accumulate`.
    #[error("the batch has {rows} rows; the spec says `batch: {batch}`{}", Accumulated(*accumulate))]
    TooManyRows {
        /// Rows given.
        rows: usize,
        /// The spec's `batch`.
        batch: usize,
        /// The spec's `accumulate`.
        accumulate: usize,
    },
    /// A step whose learning rate depends on how long the training is.
    #[error(
        "the learning rate follows `{schedule}`, which needs the length of the training: call `set_length` before \
         the first step"
    )]
    NoLength {
        /// The schedule.
        schedule: &'static str,
    },
    /// A warm-up that does not end within the training.
    #[error(
        "`cosine` warms up for {warmup} steps, but the training has {steps}; lower `warmup`, or train for more epochs"
    )]
    WarmupTooLong {
        /// Steps of the warm-up.
        warmup: u64,
        /// Steps of the training.
        steps: u64,
    },
    /// A network without a loss, asked for what needs one.
    #[error(
        "`{network}` has no loss, since its `train` has none: compute the gradients of its outputs after \
         `Trainer::forward`, and hand them to `Trainer::backward`"
    )]
    NoLoss {
        /// The network's name.
        network: &'static str,
    },
    /// A forward pass of more rows than a trainer holds.
    #[error(
        "the forward pass has {rows} rows, but a trainer holds {most}: hand over fewer, and call `forward` and \
         `backward` for each part before `update`"
    )]
    TooManyHeld {
        /// Rows given.
        rows: usize,
        /// Rows that fit: [`Trainable::CHUNK`](crate::trainable::Trainable::CHUNK).
        most: usize,
    },
    /// A backward pass without the forward pass before it.
    #[error(
        "there is no forward pass to go back through: call `forward` first; `backward`, a step, an evaluation and \
         `network_mut` end it"
    )]
    NoForward,
    /// Another number of gradients than rows of the forward pass.
    #[error("{given} rows of {part}s for a forward pass of {rows} rows")]
    GradientRows {
        /// Of outputs or of inputs.
        part: Part,
        /// Rows given.
        given: usize,
        /// Rows of the forward pass.
        rows: usize,
    },
    /// Gradients that no backward pass computed.
    #[error(
        "there are no gradients: call `backward`, `compute_gradients` or `gradients_mut` first (`step` does not keep \
         its gradients)"
    )]
    NoGradients,
    /// Gradients that would be lost.
    #[error(
        "gradients of {passes} backward pass{} wait for `update`: call it, or `discard_gradients`, first",
        if *passes == 1 { "" } else { "es" }
    )]
    GradientsWait {
        /// How many backward passes added to them.
        passes: usize,
    },
    /// The outputs of a forward pass hold an infinity or a NaN. Running statistics may have taken
    /// the rows in.
    #[error("output row {row} of the forward pass is not finite; the first number that is not is in {place}")]
    NonFiniteOutput {
        /// The row, from 0.
        row: usize,
        /// Where a number that is not finite first appeared.
        place: FirstNonFinite,
    },
    /// A target names a class that the output does not have.
    #[error("target row {row} of the {set} is class {class}; there are {classes}, counted from 0")]
    ClassOutOfRange {
        /// Where it was seen.
        set: Set,
        /// The row, from 0.
        row: usize,
        /// The class index.
        class: usize,
        /// How many classes the output has.
        classes: usize,
    },
    /// A target is outside the range of the loss.
    #[error("target row {row} of the {set}: {target}")]
    BadTarget {
        /// Where it was seen.
        set: Set,
        /// The row, from 0.
        row: usize,
        /// The number, and what the loss takes.
        target: BadTarget,
    },
    /// A number that an `embedding` reads is not the index of a token.
    #[error("input row {row} of the {set}: {token}")]
    BadToken {
        /// Where it was seen.
        set: Set,
        /// The row, from 0.
        row: usize,
        /// The number, and what there is.
        token: BadToken,
    },
    /// No code was generated for a learning rate of this value.
    #[error(
        "{network} has no learning rate of its own for this value, but {}; name it in the spec's `train`, as in \
         `lr: trunk * 1;`",
        OwnRates(values)
    )]
    NoLearningRateOfValue {
        /// The network.
        network: &'static str,
        /// The values that have one.
        values: &'static [crate::learning_rates::Value],
    },
    /// The factor of a learning rate is negative or not finite.
    #[error("the factor of a learning rate is {factor}, but must be a finite number of 0 or more")]
    BadLearningRateFactor {
        /// The factor.
        factor: f32,
    },
    /// Not as many weights of rows as there are rows.
    #[error("the {set} has {rows} rows, but {weights} {}", if *weights == 1 { "weight of a row" } else { "weights of rows" })]
    UnequalWeights {
        /// Where it was seen.
        set: Set,
        /// Rows given.
        rows: usize,
        /// Weights given.
        weights: usize,
    },
    /// The weight of a row is an infinity or a NaN.
    #[error("the weight of row {row} of the {set} is not finite")]
    NonFiniteWeightOfRow {
        /// Where it was seen.
        set: Set,
        /// The row, from 0.
        row: usize,
    },
    /// A row holds an infinity or a NaN.
    #[error("{part} row {row} of the {set} holds a number that is not finite")]
    NonFiniteRow {
        /// Where it was seen.
        set: Set,
        /// Of inputs or of targets.
        part: Part,
        /// The row, from 0.
        row: usize,
    },
    /// The loss became an infinity or a NaN. The step changed no parameter; running statistics may
    /// have taken the batch in.
    #[error("step {step}: the loss is not finite; the first number that is not is in {place}\n{remedies}")]
    NonFinite {
        /// The step, from 1.
        step: u64,
        /// Where a number that is not finite first appeared.
        place: FirstNonFinite,
        /// What helps.
        remedies: Remedies,
    },
    /// The last step of a training left a parameter or statistic that is an infinity or a NaN.
    #[error("step {step}: {number}\n{remedies}")]
    NonFiniteParameter {
        /// The step, from 1.
        step: u64,
        /// The first such number.
        number: NonFinite,
        /// What helps.
        remedies: Remedies,
    },
    /// The loss is finite, but not its gradient, so that its norm cannot be limited. The step
    /// changed no parameter; running statistics may have taken the batch in.
    #[error("step {step}: the gradient of {parameter} is not finite\n{remedies}")]
    NonFiniteGradient {
        /// The step, from 1.
        step: u64,
        /// The first parameter with such a gradient.
        parameter: &'static str,
        /// What helps.
        remedies: Remedies,
    },
    /// `monitor` names nothing that is measured.
    #[error("`{monitor}` is not measured; early stopping can monitor {}", Monitors(metrics))]
    UnknownMonitor {
        /// The name.
        monitor: &'static str,
        /// The spec's metrics.
        metrics: &'static [&'static str],
    },
    /// `monitor` names a value of the validation rows, of which there are none.
    #[error("early stopping monitors `{monitor}`, but there are no validation rows")]
    NothingToMonitor {
        /// The name.
        monitor: &'static str,
    },
    /// More than one thread, in a build that has one.
    #[error("cannot compute on {threads} threads: nn-runtime is built without its feature `rayon`")]
    OneThread {
        /// Threads wanted.
        threads: usize,
    },
    /// The system gives no such threads.
    #[cfg(feature = "std")]
    #[error("cannot start {threads} threads: {reason}")]
    Threads {
        /// Threads wanted.
        threads: usize,
        /// What the system says.
        reason: String,
    },
    /// A file could not be read.
    #[cfg(feature = "std")]
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file could not be written. An existing file is not changed.
    #[cfg(feature = "std")]
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Weights are cut short or are not a safetensors file.
    #[error("{place} is corrupt or not a safetensors file: {reason}")]
    Corrupt {
        /// Where they are.
        place: Place,
        /// What does not hold.
        reason: Damage,
    },
    /// A network that is to be saved holds an infinity or a NaN. An existing file is not changed.
    #[cfg(feature = "std")]
    #[error("cannot save to {}: {number}", path.display())]
    SavesNonFinite {
        /// The file.
        path: PathBuf,
        /// The first such number.
        number: NonFinite,
    },
    /// A network that is to become bytes holds an infinity or a NaN.
    #[error("the network holds a number that is not finite: {number}")]
    NonFiniteNetwork {
        /// The first such number.
        number: NonFinite,
    },
    /// Weights hold an infinity or a NaN.
    #[error("{place} holds a number that is not finite: {number}")]
    NonFiniteWeight {
        /// Where they are.
        place: Place,
        /// The first such number.
        number: NonFinite,
    },
    /// The optimizer's memory in a checkpoint holds an infinity or a NaN.
    #[cfg(feature = "std")]
    #[error("{} holds a number that is not finite: {number}", path.display())]
    NonFiniteState {
        /// The checkpoint.
        path: PathBuf,
        /// The first such number: `optimizer.m/y.0.weight[0, 3] is NaN`.
        number: String,
    },
    /// Weights are those of another network.
    #[cfg(feature = "alloc")]
    #[error("{place} does not fit the network {network}:{}", Lines(mismatches))]
    Mismatch {
        /// Where they are.
        place: Place,
        /// The network's name.
        network: &'static str,
        /// Everything that differs.
        mismatches: Vec<Mismatch>,
    },
    /// Weights are those of another network, in a program without an allocator. (With one, it is
    /// `Mismatch`.)
    #[error("{place} does not fit the network {network}:\n  {mismatch}")]
    FirstMismatch {
        /// Where they are.
        place: Place,
        /// The network's name.
        network: &'static str,
        /// The first difference.
        mismatch: FirstMismatch,
    },
    /// A network cannot take the values of another one.
    #[error("{} does not take the weights of {}, which is another model:{_0}", _0.to.name, _0.from.name)]
    OtherModel(OtherModel),
    /// A share that is not from 0 to 1.
    #[error("a network cannot move the share {tau} of the way to another: `tau` is from 0 to 1")]
    BadShare {
        /// The share.
        tau: f32,
    },
}

/// The rows that an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Set {
    /// What was handed to `step`, `loss` or `gradients`.
    Batch,
    /// The last of the batches that a step adds up.
    LastBatch,
    /// What was handed to `fit` to train on.
    Training,
    /// What was handed to `fit` to validate on.
    Validation,
    /// What was handed to `evaluate`.
    Evaluation,
    /// What was handed to `forward`.
    Forward,
    /// What was handed to `backward`.
    Backward,
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "batch",
            Self::LastBatch => "last batch of the step",
            Self::Training => "training set",
            Self::Validation => "validation set",
            Self::Evaluation => "evaluation set",
            Self::Forward => "forward pass",
            Self::Backward => "backward pass",
        })
    }
}

/// A half of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// What the network is given.
    Input,
    /// What it should predict.
    Target,
    /// The gradient of what it predicts.
    OutputGradient,
    /// The gradient of what it is given.
    InputGradient,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Target => "target",
            Self::OutputGradient => "output gradient",
            Self::InputGradient => "input gradient",
        })
    }
}

/// Where a number that is not finite first appeared in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstNonFinite {
    /// A parameter or running statistic.
    Parameter(&'static str),
    /// A layer's output.
    Layer(&'static str),
    /// The loss itself: every layer's output is finite.
    Loss,
    /// The outputs themselves: the output of every layer before them is finite.
    Output,
}

impl fmt::Display for FirstNonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "parameter {name}"),
            Self::Layer(name) => write!(f, "the output of layer {name}"),
            Self::Loss => f.write_str("the loss"),
            Self::Output => f.write_str("the output"),
        }
    }
}

/// Advice for a training that diverges, as far as its spec does not follow it already.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Remedies {
    /// The learning rate of the step, which may be too high.
    pub learning_rate: f32,
    /// Whether the spec has a `normalize` layer.
    pub normalizes: bool,
    /// Whether the spec has `clip_norm`.
    pub clips: bool,
}

impl fmt::Display for Remedies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "what helps: a learning rate below {}", self.learning_rate)?;
        let inputs = (!self.normalizes).then_some("inputs near 1, by `normalize` or `rescale`");
        let gradients = (!self.clips).then_some("`clip_norm: 1.0`, which limits the gradients");
        inputs.into_iter().chain(gradients).try_for_each(|remedy| write!(f, "; {remedy}"))
    }
}

/// Prints how many batches make a step, where that is more than one.
struct Accumulated(usize);

impl fmt::Display for Accumulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, " and `accumulate: {}`", self.0) } else { Ok(()) }
    }
}

/// Prints the values that have learning rates of their own.
struct OwnRates<'a>(&'a [crate::learning_rates::Value]);

impl fmt::Display for OwnRates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else { return f.write_str("for none at all") };
        write!(f, "for `{}`", first.name)?;
        others.iter().try_for_each(|value| write!(f, ", `{}`", value.name))
    }
}

/// Prints the names that early stopping can monitor.
struct Monitors<'a>(&'a [&'static str]);

impl fmt::Display for Monitors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`loss`, `val_loss`")?;
        self.0.iter().try_for_each(|name| write!(f, ", `{name}`, `val_{name}`"))
    }
}

/// Prints one mismatch a line.
#[cfg(feature = "alloc")]
struct Lines<'a>(&'a [Mismatch]);

#[cfg(feature = "alloc")]
impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mismatch| write!(f, "\n  {mismatch}"))
    }
}
