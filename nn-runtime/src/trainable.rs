//! What a network with a `train` block can also do: losses, gradients, updates.
//!
//! The generated code implements the required half of [`Trainable`] on at most
//! [`CHUNK`](Trainable::CHUNK) rows at a time; here these become whole batches and data sets.
//!
//! `accumulate: n` is a batch of n · `batch` rows that is cut into chunks of `batch`. Gradients of
//! chunks are added up anyway, so there is no state between two calls of `step`, no checkpoint in
//! the middle of an update, and an update that fails changes nothing.
//!
//! The mean of a loss with class weights is divided by the weights of the whole batch, which a
//! chunk does not know. So [`Trainable::loss_factors`] is computed from all targets before the
//! first chunk, and handed to each.

use crate::clip::clip_norm;
use crate::each::each;
use crate::early_stopping::EarlyStopping;
use crate::error::{Error, FirstNonFinite, Part, Set};
use crate::evaluation::{Evaluation, MAX_METRICS};
use crate::examples::Examples;
use crate::init;
use crate::learning_rates::{self, LearningRates};
use crate::memory::Zeroed;
use crate::network::{Network, Tensor, TensorKind};
use crate::row::{self, Row};
use crate::row_weights::{RowWeights, Unweighted};
use crate::schedule::Schedule;
use crate::targets::BadTarget;

pub use crate::optimizer_state::OptimizerState;

/// What generated code needs to know about the batch that its rows belong to.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// The trainer's seed.
    pub seed: u64,
    /// The step, from 1.
    pub step: u64,
    /// Which row of the batch is the first of the chunk.
    pub first_row: u64,
    /// 1 / rows of the whole batch: what each row's loss counts.
    pub scale: f32,
    /// That of the step.
    pub learning_rate: f32,
    /// [`Trainable::loss_factors`] of the whole batch.
    pub factors: LossFactors,
    /// How much the loss of each row of the chunk counts, where that is not 1. Only
    /// [`Trainable::gradients_chunk`] takes them.
    pub row_weights: Option<&'a [f32]>,
}

/// How many terms of a loss can have class weights.
#[doc(hidden)]
pub const MAX_WEIGHTED: usize = 8;

/// For each term of a loss that has class weights, what its mean over rows is multiplied by to
/// become one by their weights.
#[doc(hidden)]
pub type LossFactors = [f32; MAX_WEIGHTED];

impl Pass<'_> {
    /// The seed of a layer's random numbers for these rows: of dropout's mask. (The chunks of a
    /// batch have different ones.)
    pub fn layer_seed(&self, layer: u64) -> u64 {
        init::stream_seed(init::stream_seed(self.seed, self.step, layer), self.first_row, 0)
    }
}

/// A network that can be trained.
pub trait Trainable: Network {
    /// One row of targets: `usize` (a class) for `cross_entropy`, else the output's shape; a tuple
    /// in the order of the output statements if the loss has several outputs;
    /// [`NoTarget`](crate::targets::NoTarget) without a loss.
    type Target: Row;
    /// A float for each parameter that learns, at the same positions as in
    /// `values(TensorKind::Parameter)`, where frozen parameters come last: `Flat<P>`.
    type Parameters: Zeroed + Clone + AsRef<[f32]> + AsMut<[f32]>;
    /// What the optimizer remembers: `[Flat<P>; S]`, or a pair as [`OptimizerState`] says.
    type State: OptimizerState + Clone;
    /// Activations and their gradients, for [`CHUNK`](Self::CHUNK) rows.
    type Workspace: Zeroed + Clone + AsMut<[f32]>;
    /// The outputs of a forward pass: `[Output; CHUNK]`.
    type Outputs: Zeroed + Clone + AsRef<[Self::Output]> + AsMut<[Self::Output]>;
    /// A number per name in [`METRICS`](Self::METRICS): `[f64; M]`.
    #[doc(hidden)]
    type Metrics: Zeroed + Copy + AsRef<[f64]> + AsMut<[f64]>;

    /// Whether the spec has a loss. Without one, a program brings the gradients of the outputs:
    /// [`Trainer::forward`](crate::trainer::Trainer::forward).
    const HAS_LOSS: bool = true;
    /// The spec's `batch`; `None` for `batch: all`.
    const BATCH: Option<usize>;
    /// How many rows the workspace holds.
    const CHUNK: usize;
    /// The spec's `accumulate`: how many batches a step adds up. More than one only where `BATCH`
    /// is a number.
    const ACCUMULATE: usize = 1;
    /// How few rows a batch may have: 2 where a batch norm sees one number of each feature in a
    /// row, else 1.
    const MIN_ROWS: usize;
    /// The number of classes for each class index of a target; `&[10]` where the target is `usize`.
    const CLASSES: &'static [usize];
    /// The spec's `epochs`.
    const EPOCHS: usize;
    /// The spec's `seed`.
    const SEED: u64;
    /// The optimizer's `lr`.
    const LEARNING_RATE: f32;
    /// The spec's `lr`: values with learning rates of their own.
    const LEARNING_RATES: LearningRates = LearningRates::NONE;
    /// The spec's `schedule`.
    const SCHEDULE: Schedule = Schedule::Constant;
    /// The spec's `clip_norm`.
    const CLIP_NORM: Option<f32> = None;
    /// The optimizer's name in the spec.
    const OPTIMIZER: &'static str;
    /// What the optimizer remembers of each parameter, as the language reference has it: `m` and
    /// `v` for `adam`. As many as [`State`](Self::State) has slots.
    const STATE_NAMES: &'static [&'static str];
    /// The spec's `metrics` as they are written (`accuracy`, `mae(value)`), at most
    /// [`MAX_METRICS`].
    const METRICS: &'static [&'static str];
    /// The spec's `early_stopping`.
    const EARLY_STOPPING: Option<EarlyStopping>;
    /// Whether there is a `normalize` layer.
    const NORMALIZES: bool;
    /// Floats of scratch per row of [`evaluate_chunk`](Self::evaluate_chunk); at most as many as
    /// the workspace has.
    #[doc(hidden)]
    const EVALUATION_SCRATCH: usize;
    /// Bytes of stack that a step on one thread takes at most, or an evaluation, under the
    /// conditions of [`STACK`](Network::STACK); where the spec has no loss, `forward`, `backward` and
    /// `update`. Where a layer has more than 64 units, 80 KiB of it
    /// are the packing buffer of a build without `std`; with it, that is on the heap.
    const STEP_STACK: usize;
    /// Whether there is work that [`threads::run`](crate::threads::run) shares.
    const SHARES_WORK: bool = false;
    /// Whether the spec has `augment`.
    const AUGMENTS: bool = false;

    /// Forward and backward over at most [`CHUNK`](Self::CHUNK) rows, in training mode. Adds to
    /// `gradients` those of `pass.scale` times the sum of the rows' losses, each times its weight if
    /// there are weights; returns that sum, not scaled, and the sums of the rows' metrics. (A network
    /// without a loss has none, and its rows are refused before.)
    #[doc(hidden)]
    fn gradients_chunk(
        &mut self,
        _inputs: &[Self::Input],
        _targets: &[Self::Target],
        _pass: &Pass<'_>,
        _gradients: &mut Self::Parameters,
        _workspace: &mut Self::Workspace,
    ) -> (f64, Self::Metrics) {
        (0.0, Self::Metrics::zeroed())
    }

    /// The outputs of at most [`CHUNK`](Self::CHUNK) rows in training mode. What
    /// [`backward_chunk`](Self::backward_chunk) needs stays in the workspace.
    #[doc(hidden)]
    fn forward_chunk(
        &mut self,
        inputs: &[Self::Input],
        pass: &Pass<'_>,
        outputs: &mut [Self::Output],
        workspace: &mut Self::Workspace,
    );

    /// Backward through the last [`forward_chunk`](Self::forward_chunk), whose workspace and
    /// outputs are as it left them, from the gradients of its outputs. Writes those of the inputs,
    /// if they are wanted, and adds those of the parameters to `gradients`, if these are.
    #[doc(hidden)]
    fn backward_chunk(
        &self,
        outputs: &[Self::Output],
        output_gradients: &[Self::Output],
        input_gradients: Option<&mut [Self::Input]>,
        gradients: &mut Self::Parameters,
        wants_parameters: bool,
        workspace: &mut Self::Workspace,
    );

    /// Forward, backward and the optimizer's step with a batch of at most [`CHUNK`](Self::CHUNK)
    /// rows, penalties included, for networks without [`CLIP_NORM`](Self::CLIP_NORM); returns what
    /// [`gradients_chunk`](Self::gradients_chunk) does. Where the loss is not finite, no parameter
    /// is changed. What `gradients` holds afterwards is not defined: generated code stores those
    /// alone that it must.
    #[doc(hidden)]
    fn step_chunk(
        &mut self,
        inputs: &[Self::Input],
        targets: &[Self::Target],
        pass: &Pass<'_>,
        gradients: &mut Self::Parameters,
        state: &mut Self::State,
        workspace: &mut Self::Workspace,
    ) -> (f64, Self::Metrics) {
        gradients.as_mut().fill(0.0);
        let (loss, metrics) = self.gradients_chunk(inputs, targets, pass, gradients, workspace);
        if loss.is_finite() {
            self.penalty(Some(gradients));
            self.update(gradients, state, pass.step, pass.learning_rate);
        }
        (loss, metrics)
    }

    /// The penalties of regularisation; their gradients are added to `gradients`.
    #[doc(hidden)]
    fn penalty(&self, gradients: Option<&mut Self::Parameters>) -> f64;

    /// The optimizer's step number `step`, counted from 1.
    #[doc(hidden)]
    fn update(&mut self, gradients: &Self::Parameters, state: &mut Self::State, step: u64, learning_rate: f32);

    /// The factors of all rows of a batch, or of an evaluation, which a chunk of them cannot know.
    #[doc(hidden)]
    fn loss_factors(targets: &[Self::Target]) -> LossFactors {
        let _ = targets;
        [1.0; MAX_WEIGHTED]
    }

    /// The first number of a target that its loss does not take.
    #[doc(hidden)]
    fn bad_target(_target: &Self::Target) -> Option<BadTarget> {
        None
    }

    /// The sum of the rows' losses, each times its weight if there are weights, and the sums of
    /// their metrics, in inference mode, with [`EVALUATION_SCRATCH`](Self::EVALUATION_SCRATCH)
    /// floats of scratch for each row. (A network without a loss has none, and its rows are refused
    /// before.)
    #[doc(hidden)]
    fn evaluate_chunk(
        &self,
        _inputs: &[Self::Input],
        _targets: &[Self::Target],
        _factors: &LossFactors,
        _row_weights: Option<&[f32]>,
        _scratch: &mut [f32],
    ) -> (f64, Self::Metrics) {
        (0.0, Self::Metrics::zeroed())
    }

    /// Sets the statistics of every `normalize` layer to those of `inputs`: any number of rows, at
    /// most [`CHUNK`](Self::CHUNK) of them at a time in the workspace.
    #[doc(hidden)]
    fn fit_normalization(&mut self, inputs: &[Self::Input], workspace: &mut Self::Workspace);

    /// Changes a row that is trained on as the spec's `augment` says, by random numbers of its own.
    #[doc(hidden)]
    fn augment(_input: &mut Self::Input, _generator: &mut init::Generator) {}

    /// The layer in whose output for these rows (at most [`CHUNK`](Self::CHUNK)) a number that is
    /// not finite first appears, in training mode. Targets are not read; outputs may be written.
    #[doc(hidden)]
    fn first_non_finite(
        &mut self,
        inputs: &[Self::Input],
        targets: &[Self::Target],
        pass: &Pass<'_>,
        outputs: &mut [Self::Output],
        workspace: &mut Self::Workspace,
    ) -> Option<&'static str>;

    /// The mean loss of some rows in inference mode, penalties included.
    #[cfg(feature = "alloc")]
    fn loss(&self, inputs: &[Self::Input], targets: &[Self::Target]) -> Result<f32, Error> {
        check_rows::<Self>(Set::Batch, inputs, targets)?;
        let mut workspace = Self::Workspace::zeroed_box();
        Ok(evaluate_rows(self, &Examples::new(inputs, targets), workspace.as_mut().as_mut()).loss as f32)
    }

    /// How many of so many training rows `fit` leaves out of each epoch: those of a last batch that
    /// would have fewer than [`MIN_ROWS`](Self::MIN_ROWS). Which rows they are changes with the
    /// order of the epoch.
    fn rows_left_out(rows: usize) -> usize {
        match Self::BATCH {
            Some(batch) if rows > batch && rows % batch < Self::MIN_ROWS => rows % batch,
            _ => 0,
        }
    }

    /// The mean loss of some rows in training mode, penalties included, and its gradient, as in the
    /// step of this number (from 1) of a trainer with this seed: dropout has the same masks. Running
    /// statistics take the rows in. Allocates nothing.
    ///
    /// [`Trainer::compute_gradients`](crate::trainer::Trainer::compute_gradients) does it with the
    /// memory of a trainer.
    ///
    /// # Errors
    ///
    /// Those of [`Trainer::step`](crate::trainer::Trainer::step) that concern rows; any number of
    /// them fits.
    fn gradients(
        &mut self,
        inputs: &[Self::Input],
        targets: &[Self::Target],
        seed: u64,
        step: u64,
        gradients: &mut Self::Parameters,
        workspace: &mut Self::Workspace,
    ) -> Result<f32, Error> {
        check_rows::<Self>(Set::Batch, inputs, targets)?;
        check_least::<Self>(Set::Batch, inputs.len())?;
        let rows = Examples::new(inputs, targets);
        let batch = StepBatch { rows, seed, step, first_row: 0, learning_rate: Self::LEARNING_RATE };
        let (loss, _) = batch.gradients(self, gradients, workspace);
        Ok(loss as f32)
    }
}

/// The rows of one step, already checked.
pub(crate) struct StepBatch<'a, N: Trainable, W = Unweighted> {
    pub(crate) rows: Examples<'a, N::Input, N::Target, W>,
    pub(crate) seed: u64,
    pub(crate) step: u64,
    /// How many rows of the step were computed before these.
    pub(crate) first_row: u64,
    pub(crate) learning_rate: f32,
}

impl<N: Trainable, W: RowWeights> StepBatch<'_, N, W> {
    /// The mean loss, penalties included, with its gradients, and the sums of the rows' metrics.
    pub(crate) fn gradients(
        &self,
        network: &mut N,
        gradients: &mut N::Parameters,
        workspace: &mut N::Workspace,
    ) -> (f64, N::Metrics) {
        gradients.as_mut().fill(0.0);
        let (loss, metrics) = self.add_gradients(network, gradients, workspace);
        (loss + network.penalty(Some(gradients)), metrics)
    }

    /// The mean loss without penalties, and the sums of the rows' metrics; the gradients are added.
    pub(crate) fn add_gradients(
        &self,
        network: &mut N,
        gradients: &mut N::Parameters,
        workspace: &mut N::Workspace,
    ) -> (f64, N::Metrics) {
        let mut sums = Sums::<N>::zeroed();
        for (inputs, targets, pass) in self.chunks() {
            sums.add(network.gradients_chunk(inputs, targets, &pass, gradients, workspace));
        }
        (sums.loss / self.rows.inputs.len() as f64, sums.metrics)
    }

    /// The optimizer's step with these rows; the loss before it, penalties included, and the sums
    /// of the rows' metrics. Where something is not finite, no parameter is changed.
    pub(crate) fn step(
        &self,
        network: &mut N,
        gradients: &mut N::Parameters,
        state: &mut N::State,
        workspace: &mut N::Workspace,
    ) -> Result<(f64, N::Metrics), Diverged> {
        let always_at_once =
            const { N::CLIP_NORM.is_none() && matches!(N::BATCH, Some(rows) if rows * N::ACCUMULATE <= N::CHUNK) };
        let at_once = always_at_once || (N::CLIP_NORM.is_none() && self.rows.inputs.len() <= N::CHUNK);
        // Stored gradients have the same bits, and take weights.
        let (loss, metrics) = if const { W::NONE } && at_once {
            self.step_at_once(network, gradients, state, workspace)
        } else {
            let (loss, metrics) = self.gradients(network, gradients, workspace);
            if loss.is_finite() {
                if let Some(most) = N::CLIP_NORM {
                    learning_rates::forget_frozen(N::LEARNING_RATES, state.own_rates(), gradients.as_mut());
                    if !clip_norm(gradients.as_mut(), most).is_finite() {
                        return Err(Diverged::Gradient);
                    }
                }
                network.update(gradients, state, self.step, self.learning_rate);
            }
            (loss, metrics)
        };
        if loss.is_finite() { Ok((loss, metrics)) } else { Err(Diverged::Loss) }
    }

    /// [`step`](Self::step) with rows that the workspace holds at once.
    fn step_at_once(
        &self,
        network: &mut N,
        gradients: &mut N::Parameters,
        state: &mut N::State,
        workspace: &mut N::Workspace,
    ) -> (f64, N::Metrics) {
        let penalty = network.penalty(None);
        if !penalty.is_finite() {
            return (penalty, N::Metrics::zeroed());
        }
        let Examples { inputs, targets, .. } = self.rows;
        let pass = self.pass(0, N::loss_factors(targets));
        let (loss, metrics) = network.step_chunk(inputs, targets, &pass, gradients, state, workspace);
        (loss / inputs.len() as f64 + penalty, metrics)
    }

    /// The chunk of this number.
    fn pass(&self, index: usize, factors: LossFactors) -> Pass<'_> {
        let row_weights = self.rows.weights.get().and_then(|weights| weights.chunks(N::CHUNK).nth(index));
        Pass {
            seed: self.seed,
            step: self.step,
            first_row: self.first_row + (index * N::CHUNK) as u64,
            scale: 1.0 / self.rows.inputs.len() as f32,
            learning_rate: self.learning_rate,
            factors,
            row_weights,
        }
    }

    /// Where a number that is not finite first appears: rows are known to be finite.
    #[cold]
    pub(crate) fn non_finite_place(
        &self,
        network: &mut N,
        outputs: &mut N::Outputs,
        workspace: &mut N::Workspace,
    ) -> FirstNonFinite {
        if let Some(found) = network.non_finite() {
            return FirstNonFinite::Parameter(found.tensor.name);
        }
        let outputs = outputs.as_mut();
        self.chunks()
            .find_map(|(inputs, targets, pass)| network.first_non_finite(inputs, targets, &pass, outputs, workspace))
            .map_or(FirstNonFinite::Loss, FirstNonFinite::Layer)
    }

    /// As many rows at a time as the workspace holds.
    fn chunks(&self) -> impl Iterator<Item = (&[N::Input], &[N::Target], Pass<'_>)> {
        let Examples { inputs, targets, .. } = self.rows;
        let chunks = inputs.chunks(N::CHUNK).zip(targets.chunks(N::CHUNK));
        let factors = N::loss_factors(targets);
        chunks.enumerate().map(move |(index, (inputs, targets))| (inputs, targets, self.pass(index, factors)))
    }
}

/// What is not finite in a step.
pub(crate) enum Diverged {
    /// The loss.
    Loss,
    /// A gradient, of a loss that is finite.
    Gradient,
}

/// The first parameter whose gradient holds an infinity or a NaN.
#[cold]
pub(crate) fn non_finite_gradient<N: Trainable>(gradients: &N::Parameters) -> &'static str {
    let gradients = gradients.as_ref();
    let is_finite = |tensor: &&Tensor| row::first_non_finite(&gradients[tensor.offset..][..tensor.len()]).is_none();
    learning::<N>(gradients.len()).skip_while(is_finite).map(|tensor| tensor.name).next().unwrap_or("a parameter")
}

/// The parameters that have a place in memory of so many numbers: frozen ones come last, and have none.
pub(crate) fn learning<N: Trainable>(numbers: usize) -> impl Iterator<Item = &'static Tensor> {
    N::TENSORS.iter().filter(move |tensor| tensor.kind == TensorKind::Parameter && tensor.offset < numbers)
}

/// Sums over rows.
pub(crate) struct Sums<N: Trainable> {
    pub(crate) loss: f64,
    pub(crate) metrics: N::Metrics,
}

impl<N: Trainable> Sums<N> {
    fn zeroed() -> Self {
        Self { loss: 0.0, metrics: N::Metrics::zeroed() }
    }

    fn add(&mut self, (loss, metrics): (f64, N::Metrics)) {
        self.loss += loss;
        add_metrics(self.metrics.as_mut(), metrics.as_ref());
    }
}

/// Adds the metrics of more rows.
pub(crate) fn add_metrics(sums: &mut [f64], metrics: &[f64]) {
    for (sum, metric) in sums.iter_mut().zip(metrics) {
        *sum += metric;
    }
}

/// Means over some rows, from sums of metrics.
pub(crate) fn evaluation<N: Trainable>(loss: f64, mut sums: N::Metrics, rows: usize) -> Evaluation {
    const { assert!(N::METRICS.len() <= MAX_METRICS, "too many metrics") };
    for sum in sums.as_mut() {
        *sum /= rows as f64;
    }
    Evaluation::new(loss, N::METRICS, sums.as_ref())
}

/// Loss and metrics of checked rows, as many at a time as `scratch` holds.
pub(crate) fn evaluate_rows<N: Trainable>(
    network: &N,
    examples: &Examples<'_, N::Input, N::Target, impl RowWeights>,
    scratch: &mut [f32],
) -> Evaluation {
    const {
        assert!(
            N::EVALUATION_SCRATCH * size_of::<f32>() <= size_of::<N::Workspace>(),
            "the workspace holds the evaluation of one row"
        )
    };
    let Examples { inputs, targets, weights } = examples;
    let rows = scratch.len().checked_div(N::EVALUATION_SCRATCH).unwrap_or(inputs.len());
    let (mut sums, factors) = (Sums::<N>::zeroed(), N::loss_factors(targets));
    for (chunk, (inputs, targets)) in inputs.chunks(rows).zip(targets.chunks(rows)).enumerate() {
        let weights = weights.get().map(|weights| &weights[chunk * rows..][..inputs.len()]);
        sums.add(network.evaluate_chunk(inputs, targets, &factors, weights, scratch));
    }
    let loss = sums.loss / inputs.len() as f64 + network.penalty(None);
    let evaluation = evaluation::<N>(loss, sums.metrics, inputs.len());
    if evaluation.is_finite() {
        return evaluation;
    }
    evaluation.with_non_finite_row(non_finite_row(network, inputs, targets, scratch))
}

/// The first row whose own loss or metrics are not finite.
#[cold]
fn non_finite_row<N: Trainable>(
    network: &N,
    inputs: &[N::Input],
    targets: &[N::Target],
    scratch: &mut [f32],
) -> Option<usize> {
    let mut rows = inputs.chunks(1).zip(targets.chunks(1));
    rows.position(|(input, target)| {
        let (loss, metrics) = network.evaluate_chunk(input, target, &N::loss_factors(target), None, scratch);
        !(loss.is_finite() && metrics.as_ref().iter().all(|metric| metric.is_finite()))
    })
}

/// What must hold for examples: [`check_rows`], and a finite weight for each row, if there are
/// weights.
pub(crate) fn check_examples<N: Trainable>(
    set: Set,
    examples: &Examples<'_, N::Input, N::Target, impl RowWeights>,
) -> Result<(), Error> {
    check_rows::<N>(set, examples.inputs, examples.targets)?;
    examples.weights.check(set, examples.inputs.len())
}

/// What must hold for any rows: there is a loss, and there are rows; each has its target, all
/// numbers are finite, every token and every class exists, and every target is one that its loss
/// takes.
pub(crate) fn check_rows<N: Trainable>(set: Set, inputs: &[N::Input], targets: &[N::Target]) -> Result<(), Error> {
    if const { !N::HAS_LOSS } {
        return Err(Error::NoLoss { network: N::NAME });
    }
    if inputs.len() != targets.len() {
        return Err(Error::UnequalLengths { set, inputs: inputs.len(), targets: targets.len() });
    }
    check_inputs::<N>(set, inputs)?;
    if let Some(row) = row::first_non_finite(targets) {
        return Err(Error::NonFiniteRow { set, part: Part::Target, row });
    }
    each!(targets.len(), |row| {
        if let Some((class, classes)) = targets[row].class_out_of_range(N::CLASSES) {
            return Err(Error::ClassOutOfRange { set, row, class, classes });
        }
        if let Some(target) = N::bad_target(&targets[row]) {
            return Err(Error::BadTarget { set, row, target });
        }
    });
    Ok(())
}

/// What must hold for any inputs: there are some, all numbers are finite, and every token exists.
pub(crate) fn check_inputs<N: Trainable>(set: Set, inputs: &[N::Input]) -> Result<(), Error> {
    if inputs.is_empty() {
        return Err(Error::NoRows { set });
    }
    if let Some(row) = row::first_non_finite(inputs) {
        return Err(Error::NonFiniteRow { set, part: Part::Input, row });
    }
    each!(inputs.len(), |row| {
        if let Some(token) = N::bad_token(&inputs[row]) {
            return Err(Error::BadToken { set, row, token });
        }
    });
    Ok(())
}

/// Whether there are enough rows to train on at all.
pub(crate) fn check_least<N: Trainable>(set: Set, rows: usize) -> Result<(), Error> {
    let least = N::MIN_ROWS;
    if rows < least {
        return Err(Error::TooFewRows { set, rows, least });
    }
    Ok(())
}
