//! Numbers that an export is compared with: outputs, loss, gradients and ten steps, by the oracle in f64.
//!
//! Inputs, targets and, without weights, the parameters are drawn from a seed, as numbers of f32. Each of the ten steps
//! has rows of its own. Dropout drops nothing, since two frameworks cannot draw the same masks.

mod draw;
mod file;

pub use file::{Entry, Numbers, write};

use ndarray::{Array2, Axis, Slice};
use nn_compiler::batching;
use nn_compiler::interp::{
    Batch, State, Stepper, Targets, clip_norm, learning_rate, penalty, run, run_external, run_part,
};
use nn_compiler::model::{BatchSize, Data, DataSource, Schedule, Train};
use nn_compiler::plan::TrainingPlans;
use nn_compiler::{Compiled, identity};

use draw::Draw;

/// How many steps there are.
pub const STEPS: usize = 10;

/// The most rows of a part of a batch.
const MOST_ROWS: usize = 8;

/// What an export is compared with.
pub struct Golden {
    /// The rows that pass through the network at once.
    pub rows: usize,
    /// How many such parts a step has; one without `accumulate`.
    pub parts: usize,
    /// The rows of all steps, one step after the other.
    pub batch: Batch,
    /// Parameters and statistics at the start.
    pub start: State,
    /// The outputs of all rows at inference, from the start.
    pub outputs: Vec<Array2<f64>>,
    /// What a training computes, if there is one.
    pub training: Option<Training>,
}

/// What a training computes.
pub struct Training {
    /// The gradients of the outputs, where the spec has no loss.
    pub output_gradients: Vec<Array2<f64>>,
    /// How many steps an epoch has, for the schedule.
    pub epoch_steps: usize,
    /// The gradients of the first step, by all tensors, before they are clipped.
    pub gradients: Vec<Array2<f64>>,
    /// The loss before each step, penalties included; none where the spec has no loss.
    pub losses: Vec<f64>,
    /// The tensors after the first step.
    pub after_one: State,
    /// The tensors after the last step.
    pub after_all: State,
}

impl Golden {
    /// The numbers of a network, from its weights or from drawn ones.
    pub fn new(compiled: &Compiled, weights: Option<&State>) -> Self {
        let mut draw = Draw::new(&identity::hash(compiled));
        let (rows, parts) = sizes(compiled);
        let start = weights.cloned().unwrap_or_else(|| draw.state(compiled));
        let batch = Batch {
            inputs: draw.inputs(compiled, rows * parts * STEPS),
            targets: draw.targets(compiled, rows * parts * STEPS),
            row_weights: has_row_weights(compiled.model.data.as_ref()).then(|| draw.weights(rows * parts * STEPS)),
            masks: Vec::new(),
        };
        let outputs = run(&compiled.inference, &mut start.clone(), &batch).outputs;
        let training = match (&compiled.model.train, &compiled.training) {
            (Some(train), Some(plans)) => {
                let output_gradients = match train.has_loss() {
                    true => Vec::new(),
                    false => draw.like(&outputs),
                };
                let of = Trained { compiled, train, plans, rows, parts };
                Some(of.train(&start, &batch, output_gradients))
            }
            _ => None,
        };
        Self { rows, parts, batch, start, outputs, training }
    }
}

/// Whether the rows of the data have weights.
pub fn has_row_weights(data: Option<&Data>) -> bool {
    data.is_some_and(|data| match &data.source {
        DataSource::Csv { weights, .. } => weights.is_some(),
        DataSource::Inline(_) | DataSource::Arrays(_) | DataSource::Images(_) => false,
    })
}

/// The rows of a part, and the parts of a step.
fn sizes(compiled: &Compiled) -> (usize, usize) {
    let Some(train) = &compiled.model.train else { return (MOST_ROWS, 1) };
    let most = match train.batch {
        BatchSize::All => MOST_ROWS,
        BatchSize::Rows(rows) => rows.min(MOST_ROWS),
    };
    let least = batching::least_rows(&compiled.model, &compiled.shapes);
    (most.max(least), train.accumulate.min(2))
}

/// The steps of an epoch, so that ten steps show what the schedule does.
fn epoch_steps(train: &Train) -> usize {
    let warmup = match train.schedule {
        Schedule::Cosine { warmup } => warmup,
        Schedule::Constant
        | Schedule::Step { .. }
        | Schedule::Exponential { .. }
        | Schedule::Linear { .. }
        | Schedule::OneCycle { .. } => 0,
    };
    (STEPS.max(warmup + 1)).div_ceil(train.epochs)
}

/// A network that is trained.
struct Trained<'a> {
    compiled: &'a Compiled,
    train: &'a Train,
    plans: &'a TrainingPlans,
    rows: usize,
    parts: usize,
}

impl Trained<'_> {
    fn train(&self, start: &State, batch: &Batch, output_gradients: Vec<Array2<f64>>) -> Training {
        let (tensors, epoch_steps) = (&self.compiled.tensors, epoch_steps(self.train));
        let mut state = start.clone();
        let mut stepper = Stepper::new(self.train.optimizer, &state).with_rates(&self.train.rates);
        let (mut losses, mut first, mut after_one) = (Vec::new(), Vec::new(), None);
        for step in 0..STEPS {
            let (loss, mut gradients) = self.pass(&mut state, batch, step, &output_gradients);
            losses.extend(self.train.has_loss().then_some(loss));
            stepper.forget(tensors, &mut gradients);
            if step == 0 {
                first.clone_from(&gradients);
            }
            if let Some(most) = self.train.clip_norm {
                clip_norm(tensors, &mut gradients, most);
            }
            stepper.set_learning_rate(learning_rate(self.train, step, self.train.epochs, epoch_steps));
            stepper.step(tensors, &mut state, &gradients);
            after_one.get_or_insert_with(|| state.clone());
        }
        let after_one = after_one.unwrap_or_else(|| start.clone());
        Training { output_gradients, epoch_steps, gradients: first, losses, after_one, after_all: state }
    }

    /// The loss of a step and its gradients, penalties included.
    fn pass(
        &self,
        state: &mut State,
        batch: &Batch,
        step: usize,
        output_gradients: &[Array2<f64>],
    ) -> (f64, Vec<Array2<f64>>) {
        let first = step * self.rows * self.parts;
        let whole = batch.part(first, first + self.rows * self.parts);
        let mut gradients: Vec<Array2<f64>> = state.tensors.iter().map(|tensor| Array2::zeros(tensor.dim())).collect();
        let mut loss = 0.0;
        for part in 0..self.parts {
            let (from, to) = (part * self.rows, (part + 1) * self.rows);
            let rows = whole.part(from, to);
            let found = match self.train.has_loss() {
                true => run_part(&self.plans.training, state, &rows, &whole),
                false => {
                    let taken = Slice::from(first + from..first + to);
                    let given = |gradients: &Array2<f64>| gradients.slice_axis(Axis(0), taken).to_owned();
                    let caller = |_: &[Array2<f64>]| output_gradients.iter().map(given).collect();
                    run_external(&self.plans.external, state, &rows, &caller)
                }
            };
            loss += found.loss;
            gradients.iter_mut().zip(found.gradients).for_each(|(sum, part)| *sum += &part);
        }
        loss += penalty(&self.compiled.tensors, state, Some(&mut gradients));
        (loss, gradients)
    }
}

/// The numbers of a target as those of a file: classes as integers.
pub fn target_entry(name: String, targets: &Targets, shape: &[usize]) -> Entry {
    match targets {
        Targets::Classes(classes) => Entry {
            name,
            shape: vec![classes.len()],
            numbers: Numbers::Integers(classes.iter().map(|class| *class as i64).collect()),
        },
        Targets::Numbers(numbers) => rows_entry(name, numbers, shape),
    }
}

/// Rows of numbers as those of a file; each row has this shape.
pub fn rows_entry(name: String, rows: &Array2<f64>, shape: &[usize]) -> Entry {
    let mut whole = vec![rows.nrows()];
    whole.extend(shape);
    Entry { name, shape: whole, numbers: Numbers::Floats(rows.iter().copied().collect()) }
}
