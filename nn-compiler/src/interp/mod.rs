//! The oracle: runs a plan in f64 on [`ndarray`], slow and obvious.
//!
//! Generated code is tested against it, and `nn trace` shows its numbers. A buffer is a matrix of one row
//! for each row of the batch (a fixed buffer has one row); a tensor is a matrix of its last dimension.

mod activation;
mod conv;
mod embedding;
mod forward;
mod gradient;
mod layer_norm;
mod loss;
mod optimizer;
mod pool;
mod training;

pub use optimizer::Stepper;
pub use training::{clip_norm, learning_rate, step, step_in_chunks};

use ndarray::Array2;

use crate::layers::Init;
use crate::plan::{BufferId, Op, Place, Plan, Tensor, TensorId, Tensors};

/// The values of all tensors of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// By [`TensorId`]; `[1, n]` for vectors.
    pub tensors: Vec<Array2<f64>>,
}

/// The rows of one pass.
#[derive(Clone, Debug)]
pub struct Batch {
    /// For each input of the network, one row for each example.
    pub inputs: Vec<Array2<f64>>,
    /// What the outputs should be, for each target of the network; none for plans without a loss.
    pub targets: Vec<Targets>,
    /// The masks of dropout layers in order (0, or 1/(1 − rate)); where there is none, nothing is dropped.
    pub masks: Vec<Array2<f64>>,
}

/// What an output should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// A class for each row.
    Classes(Vec<usize>),
    /// Numbers for each row.
    Numbers(Array2<f64>),
}

/// The numbers of one pass.
#[derive(Clone, Debug)]
pub struct Run {
    /// By [`BufferId`]; `None` where nothing was written.
    pub buffers: Vec<Option<Array2<f64>>>,
    /// The outputs of an inference plan, in order.
    pub outputs: Vec<Array2<f64>>,
    /// The loss: weighted, averaged over the rows, without penalties.
    pub loss: f64,
    /// The terms of this sum, in order.
    pub losses: Vec<f64>,
    /// The metrics, averaged over the rows.
    pub metrics: Vec<f64>,
    /// The gradient of the loss by each tensor that learns; what stands at others means nothing.
    pub gradients: Vec<Array2<f64>>,
    /// The gradient of the loss by each input, where the plan computes it.
    pub input_gradients: Vec<Option<Array2<f64>>>,
}

impl State {
    /// Constants as their initialisers say, zeros where values are drawn.
    pub fn new(tensors: &Tensors) -> Self {
        let start = |init: Init| match init {
            Init::Constant(value) => value,
            Init::Auto
            | Init::HeNormal
            | Init::HeUniform
            | Init::GlorotNormal
            | Init::GlorotUniform
            | Init::LecunNormal
            | Init::Normal(_)
            | Init::Uniform(_) => 0.0,
        };
        Self {
            tensors: tensors
                .all
                .iter()
                .map(|tensor| Array2::from_elem(matrix(&tensor.shape), start(tensor.init)))
                .collect(),
        }
    }

    /// The values of a tensor, row-major.
    pub fn get(&self, id: TensorId) -> &Array2<f64> {
        &self.tensors[id.0]
    }

    /// Sets a tensor by name from row-major values; `false` where there is none of this name and length.
    pub fn set(&mut self, tensors: &Tensors, name: &str, values: &[f64]) -> bool {
        let found = tensors.all.iter().position(|tensor| tensor.name == name && tensor.len() == values.len());
        let Some(index) = found else { return false };
        for (number, value) in self.tensors[index].iter_mut().zip(values) {
            *number = *value;
        }
        true
    }
}

/// The rows and columns of a tensor.
fn matrix(shape: &[usize]) -> (usize, usize) {
    let columns = shape.last().copied().unwrap_or(1);
    (shape.iter().product::<usize>() / columns, columns)
}

/// A pass under way.
struct Machine<'a> {
    state: &'a mut State,
    batch: &'a Batch,
    /// The batch that `batch` is a part of: losses are means over its rows.
    whole: &'a Batch,
    /// The width of each buffer.
    widths: Vec<usize>,
    /// The weights of the classes, for each loss that has some.
    class_weights: &'a [Vec<f64>],
    /// The slot of each buffer that has to share it.
    slots: Vec<Option<usize>>,
    /// What updates take, where the plan has some.
    updates: Option<Updates<'a>>,
    run: Run,
}

/// What the updates of a plan take.
struct Updates<'a> {
    tensors: &'a Tensors,
    stepper: &'a mut Stepper,
}

/// What a plan is run with.
struct Pass<'a> {
    batch: &'a Batch,
    whole: &'a Batch,
    on_slots: bool,
    updates: Option<Updates<'a>>,
}

/// Runs every step of a plan. Only training plans change `state`: its running statistics.
pub fn run(plan: &Plan, state: &mut State, batch: &Batch) -> Run {
    run_in(plan, state, Pass { batch, whole: batch, on_slots: false, updates: None })
}

/// Like [`run`], with rows that are a part of a batch: loss and gradients are what they add to those of `whole`.
pub fn run_part(plan: &Plan, state: &mut State, part: &Batch, whole: &Batch) -> Run {
    run_in(plan, state, Pass { batch: part, whole, on_slots: false, updates: None })
}

/// Like [`run`], with one buffer in a slot at a time, as in the scratch memory of generated code: what a step
/// is about to write drives out what lies there. Only what survives stands in [`Run::buffers`].
///
/// # Panics
///
/// If a step reads a buffer that was driven out: a mistake in the pass that places buffers.
pub fn run_on_slots(plan: &Plan, state: &mut State, batch: &Batch) -> Run {
    run_in(plan, state, Pass { batch, whole: batch, on_slots: true, updates: None })
}

/// Runs a plan that holds the updates of its step ([`TrainingPlans::step`](crate::pipeline::TrainingPlans::step)), on slots
/// as [`run_on_slots`] does. The loss is that before the step, without penalties.
pub fn run_with_update(plan: &Plan, tensors: &Tensors, stepper: &mut Stepper, state: &mut State, batch: &Batch) -> Run {
    stepper.begin();
    run_in(plan, state, Pass { batch, whole: batch, on_slots: true, updates: Some(Updates { tensors, stepper }) })
}

fn run_in(plan: &Plan, state: &mut State, pass: Pass) -> Run {
    let Pass { batch, whole, on_slots, updates } = pass;
    let slot = |place| match place {
        Place::Slot(slot) if on_slots => slot,
        Place::Slot(_) | Place::Input(_) | Place::Output(_) => None,
    };
    let slots = plan.buffers.iter().map(|buffer| slot(buffer.place)).collect();
    let gradients = state.tensors.iter().map(|tensor| Array2::zeros(tensor.dim())).collect();
    let metrics = plan.steps.iter().filter(|step| matches!(step.op, Op::Metric { .. })).map(|_| 0.0).collect();
    let mut run = Run {
        buffers: vec![None; plan.buffers.len()],
        outputs: Vec::new(),
        loss: 0.0,
        losses: Vec::new(),
        metrics,
        gradients,
        input_gradients: Vec::new(),
    };
    for (id, buffer) in plan.buffers.iter().enumerate() {
        if let Place::Input(index) = buffer.place {
            run.buffers[id] = Some(batch.inputs[index].clone());
        }
    }
    let widths = (0..plan.buffers.len()).map(|id| plan.width(BufferId(id))).collect();
    let class_weights = &plan.class_weights;
    let mut machine = Machine { state, batch, whole, class_weights, widths, slots, updates, run };
    for step in &plan.steps {
        if step.op == Op::CheckLoss && !machine.run.loss.is_finite() {
            break;
        }
        step.op.writes().into_iter().for_each(|write| machine.drive_out(write));
        machine.step(&step.op);
    }
    let mut run = machine.run;
    let mut written: Vec<(usize, usize)> = Vec::new();
    for (id, buffer) in plan.buffers.iter().enumerate() {
        if let (Place::Output(index), Some(_)) = (buffer.place, &run.buffers[id]) {
            written.push((index, id));
        }
    }
    written.sort_unstable();
    for (_, id) in written {
        run.outputs.extend(run.buffers[id].clone());
    }
    run.input_gradients =
        plan.input_gradients.iter().map(|gradient| gradient.and_then(|buffer| run.buffers[buffer.0].clone())).collect();
    run
}

impl Machine<'_> {
    /// The numbers of a buffer that an earlier step has written.
    fn get(&self, id: BufferId) -> &Array2<f64> {
        self.run.buffers[id.0].as_ref().expect("what a step reads was written, and not driven out since")
    }

    fn set(&mut self, id: BufferId, numbers: Array2<f64>) {
        self.drive_out(id);
        self.run.buffers[id.0] = Some(numbers);
    }

    /// Makes room for a buffer in the slot that it shares.
    fn drive_out(&mut self, id: BufferId) {
        let slot = self.slots[id.0];
        if slot.is_none() {
            return;
        }
        for (lies, numbers) in self.slots.iter().zip(&mut self.run.buffers) {
            if *lies == slot {
                *numbers = None;
            }
        }
    }

    fn tensor(&self, id: TensorId) -> &Array2<f64> {
        self.state.get(id)
    }

    fn add_gradient(&mut self, id: TensorId, part: Array2<f64>) {
        let gradient = &mut self.run.gradients[id.0];
        *gradient = &*gradient + &part;
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Gather { .. }
            | Op::GatherTarget { .. }
            | Op::Scatter { .. }
            | Op::Dense { .. }
            | Op::Conv { .. }
            | Op::Activate { .. }
            | Op::Prelu { .. }
            | Op::Softmax { .. }
            | Op::LogSoftmax { .. }
            | Op::BatchNormTrain { .. }
            | Op::BatchNormEvaluate { .. }
            | Op::Dropout { .. }
            | Op::Rescale { .. }
            | Op::Normalize { .. }
            | Op::Add { .. }
            | Op::Multiply { .. }
            | Op::Concat { .. }
            | Op::Copy { .. }
            | Op::Take { .. }
            | Op::Observe { .. } => self.forward(op),
            Op::Embedding { .. } | Op::EmbeddingGradient { .. } => self.embedding(op),
            Op::LayerNorm { .. } | Op::LayerNormGradient { .. } => self.layer_norm(op),
            Op::MaxPool { .. } | Op::AvgPool { .. } | Op::MaxPoolGradient { .. } | Op::AvgPoolGradient { .. } => {
                self.pool(op);
            }
            Op::Loss { loss, class_weights, weight, y, t, gradient, .. } => {
                self.loss(*loss, *class_weights, *weight, *y, *t, *gradient);
            }
            Op::Metric { metric, index, y, t, threshold } => self.metric(*metric, *index, *y, *t, *threshold),
            Op::DenseGradient { .. }
            | Op::DenseInputGradient { .. }
            | Op::ConvWeightGradient { .. }
            | Op::ConvBiasGradient { .. }
            | Op::ConvInputGradient { .. }
            | Op::ActivateGradient { .. }
            | Op::PreluGradient { .. }
            | Op::SoftmaxGradient { .. }
            | Op::LogSoftmaxGradient { .. }
            | Op::BatchNormGradient { .. }
            | Op::BatchNormEvaluateGradient { .. }
            | Op::DropoutGradient { .. }
            | Op::RescaleGradient { .. }
            | Op::NormalizeGradient { .. } => self.gradient(op),
            Op::CheckLoss => {}
            Op::DenseWeightUpdate { .. } | Op::DenseBiasUpdate { .. } | Op::Update { .. } => self.update(op),
        }
    }
}

/// λ₁·Σ|w| + λ₂·Σw² over all tensors; adds λ₁·sign(w) + 2λ₂·w to `gradients` where they are given.
pub fn penalty(tensors: &Tensors, state: &State, mut gradients: Option<&mut [Array2<f64>]>) -> f64 {
    let mut penalty = 0.0;
    for (index, tensor) in tensors.all.iter().enumerate() {
        let weights = &state.tensors[index];
        penalty += weights.iter().map(|w| tensor.l1 * w.abs() + tensor.l2 * w * w).sum::<f64>();
        if let Some(gradients) = &mut gradients {
            add_penalty(tensor, weights, &mut gradients[index]);
        }
    }
    penalty
}

/// gradient += λ₁·sign(w) + 2λ₂·w, for one tensor
fn add_penalty(tensor: &Tensor, weights: &Array2<f64>, gradient: &mut Array2<f64>) {
    gradient.zip_mut_with(weights, |gradient, w| *gradient += tensor.l1 * sign(*w) + 2.0 * tensor.l2 * w);
}

/// −1, 0 or 1.
fn sign(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number.signum() }
}
