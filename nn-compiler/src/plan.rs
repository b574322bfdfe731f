//! The plan: a straight list of operations on numbered buffers.
//!
//! Every buffer is written by one operation (static single assignment); what is accumulated is the
//! gradient of a tensor. A buffer holds `rows × width` numbers, or a fixed number of them.

use std::fmt;

use crate::layers::Init;
use crate::layers::activation::Activation;
use crate::layers::window::Window;
use crate::model::{Loss, Metric};

/// A buffer: an index into [`Plan::buffers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub usize);

/// A tensor that outlives a pass: an index into [`Tensors::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub usize);

/// What a plan computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Outputs from inputs, as `predict` does.
    Inference,
    /// Loss and metrics, layers as at inference.
    Evaluation,
    /// Loss, metrics and gradients, layers as in training.
    Training,
    /// Loss and gradients, layers as at inference (batch norm by its running statistics, no dropout).
    FrozenTraining,
    /// Mean and deviation for `normalize` layers.
    Normalization,
}

/// A straight list of operations.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it computes.
    pub mode: Mode,
    /// Every buffer.
    pub buffers: Vec<Buffer>,
    /// The operations, in order.
    pub steps: Vec<Step>,
    /// How many of `steps` are the forward pass; losses, metrics and gradients follow.
    pub forward: usize,
    /// The gradient buffer of each input, where it was asked for.
    pub input_gradients: Vec<Option<BufferId>>,
    /// The weights of the classes, for each loss that has some.
    pub class_weights: Vec<Vec<f64>>,
    /// How its kernels are entered.
    pub dispatch: Dispatch,
}

/// Where the code for the processor's instruction set is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dispatch {
    /// At each kernel.
    #[default]
    Kernels,
    /// Once, for all kernels in one body.
    Whole,
}

/// A buffer of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    /// The value it holds, `d` before it for a gradient; for people to read.
    pub name: String,
    /// How many numbers it holds.
    pub extent: Extent,
    /// Where it lives.
    pub place: Place,
}

/// How many numbers a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This many for each row of the batch.
    Rows(usize),
    /// This many.
    Fixed(usize),
}

/// Where a buffer lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The caller's input of this number; only read.
    Input(usize),
    /// The caller's output of this number; written once, then read.
    Output(usize),
    /// Scratch memory; the slot is set by the pass `place_buffers`.
    Slot(Option<usize>),
}

/// One operation and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The layer, loss or metric it belongs to: `digit.0 dense`.
    pub label: String,
    /// What is done.
    pub op: Op,
    /// Whether threads share it, where there are several.
    pub shared: bool,
}

/// What one step does. Shapes follow from the buffers and tensors.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula above each variant")]
pub enum Op {
    /// y = the input of this number, out of the caller's tuple
    Gather { input: usize, y: BufferId },
    /// the output of this number, in the caller's tuple, = x
    Scatter { x: BufferId, output: usize },
    /// y = f(x·W + b)
    Dense { x: BufferId, weight: TensorId, bias: Option<TensorId>, activation: Activation, y: BufferId },
    /// y = f(W∗x + b), the cross-correlation with windows of weights
    Conv {
        window: Window,
        groups: usize,
        x: BufferId,
        weight: TensorId,
        bias: Option<TensorId>,
        activation: Activation,
        y: BufferId,
    },
    /// y = the rows of W that x names, as columns
    Embedding { x: BufferId, weight: TensorId, y: BufferId },
    /// y = the largest x in each window
    MaxPool { x: BufferId, window: Window, y: BufferId },
    /// y = the mean of each window
    AvgPool { x: BufferId, window: Window, y: BufferId },
    /// y = f(x)
    Activate { activation: Activation, x: BufferId, y: BufferId },
    /// y = x where x > 0, else slope·x
    Prelu { x: BufferId, slope: TensorId, y: BufferId },
    /// y = exp(x) / Σ exp(x)
    Softmax { x: BufferId, y: BufferId },
    /// y = x − ln Σ exp(x)
    LogSoftmax { x: BufferId, y: BufferId },
    /// y = γ·(x − μ)/√(σ² + ε) + β with the batch's μ and σ²; running ← (1−m)·running + m·batch
    BatchNormTrain {
        x: BufferId,
        gamma: TensorId,
        beta: TensorId,
        running_mean: TensorId,
        running_variance: TensorId,
        momentum: f64,
        eps: f64,
        mean: BufferId,
        inverse_deviation: BufferId,
        y: BufferId,
    },
    /// y = γ·(x − μ)/√(σ² + ε) + β with the running μ and σ²
    BatchNormEvaluate {
        x: BufferId,
        gamma: TensorId,
        beta: TensorId,
        running_mean: TensorId,
        running_variance: TensorId,
        eps: f64,
        y: BufferId,
    },
    /// y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of the row
    LayerNorm { x: BufferId, gamma: TensorId, beta: TensorId, eps: f64, y: BufferId },
    /// y = x·mask, mask 0 with probability rate, else 1/(1 − rate)
    Dropout { x: BufferId, rate: f64, site: usize, mask: BufferId, y: BufferId },
    /// y = factor·x + offset
    Rescale { x: BufferId, factor: f64, offset: f64, y: BufferId },
    /// y = (x − mean)/deviation
    Normalize { x: BufferId, mean: TensorId, deviation: TensorId, y: BufferId },
    /// y = a + b
    Add { a: BufferId, b: BufferId, y: BufferId },
    /// y = a·b
    Multiply { a: BufferId, b: BufferId, y: BufferId },
    /// y = xs one after the other
    Concat { xs: Vec<BufferId>, y: BufferId },
    /// y = x
    Copy { x: BufferId, y: BufferId },
    /// y = the columns of x from `at` on
    Take { x: BufferId, at: usize, y: BufferId },

    /// y = the target of this number, out of the caller's tuple
    GatherTarget { target: usize, y: BufferId },
    /// loss += weight·loss(y, t); gradient = its gradient by `of`: y, or the input of the step for the perceptron rule
    Loss {
        loss: Loss,
        /// The weights of the classes, an index of [`Plan::class_weights`].
        class_weights: Option<usize>,
        weight: f64,
        y: BufferId,
        t: Expected,
        of: BufferId,
        gradient: Option<BufferId>,
    },
    /// metric\[index\] += metric(y, t)
    Metric { metric: Metric, index: usize, y: BufferId, t: Expected, threshold: f64 },

    /// dW += xᵀ·dy
    DenseWeightGradient { x: BufferId, dy: BufferId, weight: TensorId },
    /// db += Σ dy
    DenseBiasGradient { dy: BufferId, bias: TensorId },
    /// dx = dy·Wᵀ, times the derivative of an activation by what it saved
    DenseInputGradient { dy: BufferId, weight: TensorId, derivative: Option<(Activation, BufferId)>, dx: BufferId },
    /// dW += Σ dy·x over the positions of the window
    ConvWeightGradient { window: Window, groups: usize, x: BufferId, dy: BufferId, weight: TensorId },
    /// db += Σ dy over the positions
    ConvBiasGradient { dy: BufferId, bias: TensorId },
    /// dx = Σ dy·W over the windows that contain x, times the derivative of an activation by what it saved
    ConvInputGradient {
        window: Window,
        groups: usize,
        dy: BufferId,
        weight: TensorId,
        derivative: Option<(Activation, BufferId)>,
        dx: BufferId,
    },
    /// the rows of dW that x names += the columns of dy
    EmbeddingGradient { x: BufferId, dy: BufferId, weight: TensorId },
    /// dx = Σ dy over the windows whose first largest number is x, times the derivative of an activation that x comes from
    MaxPoolGradient { x: BufferId, window: Window, derivative: Option<Activation>, dy: BufferId, dx: BufferId },
    /// dx = Σ dy/size over the windows that hold x
    AvgPoolGradient { window: Window, dy: BufferId, dx: BufferId },
    /// dx = dy·f′; `saved` is y where f′ follows from it, else x
    ActivateGradient { activation: Activation, saved: BufferId, dy: BufferId, dx: BufferId },
    /// dx = dy where x > 0, else slope·dy; dslope += dy·x where x ≤ 0
    PreluGradient { x: BufferId, slope: TensorId, dy: BufferId, dx: BufferId },
    /// dx = y·(dy − Σ dy·y)
    SoftmaxGradient { y: BufferId, dy: BufferId, dx: BufferId },
    /// dx = dy − exp(y)·Σ dy
    LogSoftmaxGradient { y: BufferId, dy: BufferId, dx: BufferId },
    /// dβ += Σ dy; dγ += Σ dy·x̂; dx = γ/σ·(dy − mean(dy) − x̂·mean(dy·x̂))
    BatchNormGradient {
        x: BufferId,
        gamma: TensorId,
        beta: TensorId,
        mean: BufferId,
        inverse_deviation: BufferId,
        dy: BufferId,
        dx: BufferId,
    },
    /// dβ += Σ dy; dγ += Σ dy·x̂; dx = γ/σ·dy, with the running μ and σ
    BatchNormEvaluateGradient {
        x: BufferId,
        gamma: TensorId,
        beta: TensorId,
        running_mean: TensorId,
        running_variance: TensorId,
        eps: f64,
        dy: BufferId,
        dx: BufferId,
    },
    /// dβ += Σ dy; dγ += Σ dy·x̂; dx = (g − mean(g) − x̂·mean(g·x̂))/σ with g = γ·dy
    LayerNormGradient { x: BufferId, gamma: TensorId, beta: TensorId, eps: f64, dy: BufferId, dx: BufferId },
    /// dx = dy·mask
    DropoutGradient { mask: BufferId, dy: BufferId, dx: BufferId },
    /// dx = factor·dy
    RescaleGradient { dy: BufferId, factor: f64, dx: BufferId },
    /// dx = dy/deviation
    NormalizeGradient { dy: BufferId, deviation: TensorId, dx: BufferId },
    /// mean, deviation ← those of the rows seen so far
    Observe { x: BufferId, mean: TensorId, deviation: TensorId },

    /// ends here where the loss is not finite
    CheckLoss,
    /// W ← a step of the optimizer with the gradient xᵀ·dy, penalties included
    DenseWeightUpdate { x: BufferId, dy: BufferId, weight: TensorId },
    /// b ← a step of the optimizer with the gradient Σ dy
    DenseBiasUpdate { dy: BufferId, bias: TensorId },
    /// a tensor ← a step of the optimizer with its gradient
    Update { tensor: TensorId },
}

/// What an output is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The target's index in the caller's tuple.
    pub target: usize,
    /// Whether it is a class, else numbers.
    pub is_class: bool,
    /// Where the numbers lie, gathered from the caller's tuple; `None` for a class, and where the caller's rows serve.
    pub gathered: Option<BufferId>,
}

/// A tensor that outlives a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// `digit.0.weight`.
    pub name: String,
    /// Its dimensions; a dense weight is `[inputs, units]`.
    pub shape: Vec<usize>,
    /// Whether it is trained or observed.
    pub kind: TensorKind,
    /// Where it starts within the flat memory of its kind, in numbers; a multiple of 16.
    pub offset: usize,
    /// How it starts.
    pub init: Init,
    /// The weight of Σ|w| in the loss.
    pub l1: f64,
    /// The weight of Σw² in the loss.
    pub l2: f64,
    /// Whether it is kept as it is: it has neither a gradient nor a place in the optimizer's memory.
    pub is_frozen: bool,
}

impl Tensor {
    /// Whether training follows its gradient.
    pub fn learns(&self) -> bool {
        self.kind == TensorKind::Parameter && !self.is_frozen
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The products that an output is the sum of, and the outputs that an input goes into: of a dense weight
    /// `[inputs, units]`, and of a window of weights `[outputs, inputs, …]`.
    pub fn fans(&self) -> [usize; 2] {
        match self.shape[..] {
            [outputs, inputs, ref window @ ..] if !window.is_empty() => {
                let taps: usize = window.iter().product();
                [inputs * taps, outputs * taps]
            }
            [inputs, ref units @ ..] => [inputs, units.last().copied().unwrap_or(inputs)],
            [] => [1, 1],
        }
    }
}

/// Whether a tensor is trained or observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    /// Trained: weights, biases, norm parameters, slopes.
    Parameter,
    /// Observed: running means, variances, deviations.
    Statistic,
}

/// Every tensor of a network, and how much memory they take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// In the order of the layers.
    pub all: Vec<Tensor>,
}

/// The tensors of one kind lie in one flat memory; each starts at a multiple of this many numbers (64 bytes).
pub const ALIGNMENT: usize = 16;

impl Tensors {
    /// A tensor by its id.
    pub fn get(&self, id: TensorId) -> &Tensor {
        &self.all[id.0]
    }

    /// Tensors in the order of the layers. In the flat memory of its kind a tensor stands behind those before it,
    /// parameters that are frozen behind all that learn.
    pub fn placed(mut all: Vec<Tensor>) -> Self {
        let mut ends: [usize; 2] = [0, 0];
        for frozen in [false, true] {
            for tensor in all.iter_mut().filter(|tensor| tensor.is_frozen == frozen) {
                let end = &mut ends[usize::from(tensor.kind == TensorKind::Statistic)];
                tensor.offset = *end;
                *end += tensor.len().next_multiple_of(ALIGNMENT);
            }
        }
        Self { all }
    }

    /// The tensors in the order of their offsets.
    pub fn by_offset(&self) -> impl Iterator<Item = &Tensor> {
        let of = |frozen| self.all.iter().filter(move |tensor| tensor.is_frozen == frozen);
        of(false).chain(of(true))
    }

    /// How many numbers the flat memory of the parameters that learn holds, padding included: gradients and the
    /// optimizer's memory are as long.
    pub fn learning(&self) -> usize {
        let learning = self.all.iter().filter(|tensor| tensor.learns());
        learning.map(|tensor| tensor.len().next_multiple_of(ALIGNMENT)).sum()
    }

    /// The tensors of one kind.
    pub fn of(&self, kind: TensorKind) -> impl Iterator<Item = &Tensor> {
        self.all.iter().filter(move |tensor| tensor.kind == kind)
    }

    /// How many numbers the tensors of one kind hold.
    pub fn count(&self, kind: TensorKind) -> usize {
        self.of(kind).map(Tensor::len).sum()
    }

    /// How many numbers their flat memory holds, padding included.
    pub fn storage(&self, kind: TensorKind) -> usize {
        self.of(kind).map(|tensor| tensor.len().next_multiple_of(ALIGNMENT)).sum()
    }
}

impl Plan {
    /// An empty plan.
    pub fn new(mode: Mode) -> Self {
        Self {
            mode,
            buffers: Vec::new(),
            steps: Vec::new(),
            forward: 0,
            input_gradients: Vec::new(),
            class_weights: Vec::new(),
            dispatch: Dispatch::default(),
        }
    }

    /// A buffer by its id.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.0]
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, id: BufferId) -> usize {
        match self.buffer(id).extent {
            Extent::Rows(width) | Extent::Fixed(width) => width,
        }
    }

    /// Adds a scratch buffer.
    pub fn add_buffer(&mut self, name: impl Into<String>, extent: Extent) -> BufferId {
        self.add_buffer_at(name, extent, Place::Slot(None))
    }

    /// Adds a buffer at a place.
    pub fn add_buffer_at(&mut self, name: impl Into<String>, extent: Extent, place: Place) -> BufferId {
        self.buffers.push(Buffer { name: name.into(), extent, place });
        BufferId(self.buffers.len() - 1)
    }

    /// Adds a step.
    pub fn push(&mut self, label: impl Into<String>, op: Op) {
        self.steps.push(Step { label: label.into(), op, shared: false });
    }

    /// How many slots `place_buffers` made, and the size of each.
    pub fn slots(&self) -> Vec<SlotSize> {
        let mut slots = Vec::new();
        for buffer in &self.buffers {
            if let Place::Slot(Some(slot)) = buffer.place {
                if slots.len() <= slot {
                    slots.resize(slot + 1, SlotSize::default());
                }
                slots[slot] = slots[slot].max(buffer.extent);
            }
        }
        slots
    }

    /// How many numbers the slots take for this many rows, each slot padded to 64 bytes.
    pub fn scratch(&self, rows: usize) -> usize {
        self.slots().iter().map(|slot| slot.len(rows).next_multiple_of(ALIGNMENT)).sum()
    }
}

/// The size of a slot: the larger of `per_row · rows` and `fixed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotSize {
    /// Numbers for each row.
    pub per_row: usize,
    /// Numbers in any case.
    pub fixed: usize,
}

impl SlotSize {
    /// Large enough for one more buffer.
    pub fn max(self, extent: Extent) -> Self {
        match extent {
            Extent::Rows(width) => Self { per_row: self.per_row.max(width), ..self },
            Extent::Fixed(length) => Self { fixed: self.fixed.max(length), ..self },
        }
    }

    /// How many numbers it holds for this many rows.
    pub fn len(self, rows: usize) -> usize {
        (self.per_row * rows).max(self.fixed)
    }

    /// Whether it holds nothing.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl Plan {
    /// Whether there are steps that threads share.
    pub fn shares_work(&self) -> bool {
        self.steps.iter().any(|step| step.shared)
    }

    /// The multiply-adds of an operation for one row; where it is no product, the numbers that it writes.
    pub fn multiply_adds(&self, op: &Op) -> usize {
        let product = |a, b| self.width(a) * self.width(b);
        match op {
            Op::Dense { x, y, .. } => product(*x, *y),
            Op::DenseInputGradient { dy, dx, .. } => product(*dy, *dx),
            Op::DenseWeightGradient { x, dy, .. } | Op::DenseWeightUpdate { x, dy, .. } => product(*x, *dy),
            Op::Conv { window, groups, y, .. } => self.width(*y) * window.products(*groups),
            Op::ConvWeightGradient { window, groups, dy, .. } | Op::ConvInputGradient { window, groups, dy, .. } => {
                self.width(*dy) * window.products(*groups)
            }
            op => op.writes().into_iter().map(|write| self.width(write)).sum(),
        }
    }
}

impl Op {
    /// The buffers it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        match self {
            Self::Gather { .. } | Self::GatherTarget { .. } | Self::CheckLoss | Self::Update { .. } => Vec::new(),
            Self::Scatter { x, .. }
            | Self::Dense { x, .. }
            | Self::Conv { x, .. }
            | Self::Embedding { x, .. }
            | Self::MaxPool { x, .. }
            | Self::AvgPool { x, .. }
            | Self::Activate { x, .. }
            | Self::Prelu { x, .. }
            | Self::Softmax { x, .. }
            | Self::LogSoftmax { x, .. }
            | Self::BatchNormTrain { x, .. }
            | Self::BatchNormEvaluate { x, .. }
            | Self::LayerNorm { x, .. }
            | Self::Dropout { x, .. }
            | Self::Rescale { x, .. }
            | Self::Normalize { x, .. }
            | Self::Copy { x, .. }
            | Self::Take { x, .. }
            | Self::Observe { x, .. } => vec![*x],
            Self::Add { a, b, .. } | Self::Multiply { a, b, .. } => vec![*a, *b],
            Self::Concat { xs, .. } => xs.clone(),
            Self::Loss { y, t, .. } | Self::Metric { y, t, .. } => std::iter::once(*y).chain(t.gathered).collect(),
            Self::DenseWeightGradient { x, dy, .. }
            | Self::DenseWeightUpdate { x, dy, .. }
            | Self::ConvWeightGradient { x, dy, .. } => vec![*x, *dy],
            Self::DenseInputGradient { dy, derivative, .. } | Self::ConvInputGradient { dy, derivative, .. } => {
                std::iter::once(*dy).chain(derivative.map(|(_, saved)| saved)).collect()
            }
            Self::DenseBiasGradient { dy, .. }
            | Self::ConvBiasGradient { dy, .. }
            | Self::DenseBiasUpdate { dy, .. }
            | Self::AvgPoolGradient { dy, .. }
            | Self::RescaleGradient { dy, .. }
            | Self::NormalizeGradient { dy, .. } => vec![*dy],
            Self::ActivateGradient { saved, dy, .. } => vec![*saved, *dy],
            Self::PreluGradient { x, dy, .. }
            | Self::EmbeddingGradient { x, dy, .. }
            | Self::MaxPoolGradient { x, dy, .. }
            | Self::LayerNormGradient { x, dy, .. }
            | Self::BatchNormEvaluateGradient { x, dy, .. } => vec![*x, *dy],
            Self::SoftmaxGradient { y, dy, .. } | Self::LogSoftmaxGradient { y, dy, .. } => vec![*y, *dy],
            Self::BatchNormGradient { x, mean, inverse_deviation, dy, .. } => vec![*x, *mean, *inverse_deviation, *dy],
            Self::DropoutGradient { mask, dy, .. } => vec![*mask, *dy],
        }
    }

    /// The buffers it writes.
    pub fn writes(&self) -> Vec<BufferId> {
        match self {
            Self::Gather { y, .. }
            | Self::GatherTarget { y, .. }
            | Self::Dense { y, .. }
            | Self::Conv { y, .. }
            | Self::Embedding { y, .. }
            | Self::MaxPool { y, .. }
            | Self::AvgPool { y, .. }
            | Self::Activate { y, .. }
            | Self::Prelu { y, .. }
            | Self::Softmax { y, .. }
            | Self::LogSoftmax { y, .. }
            | Self::BatchNormEvaluate { y, .. }
            | Self::LayerNorm { y, .. }
            | Self::Rescale { y, .. }
            | Self::Normalize { y, .. }
            | Self::Add { y, .. }
            | Self::Multiply { y, .. }
            | Self::Concat { y, .. }
            | Self::Copy { y, .. }
            | Self::Take { y, .. } => vec![*y],
            Self::BatchNormTrain { mean, inverse_deviation, y, .. } => vec![*mean, *inverse_deviation, *y],
            Self::Dropout { mask, y, .. } => vec![*mask, *y],
            Self::Loss { gradient, .. } => gradient.iter().copied().collect(),
            Self::Scatter { .. }
            | Self::Metric { .. }
            | Self::DenseWeightGradient { .. }
            | Self::DenseBiasGradient { .. }
            | Self::ConvWeightGradient { .. }
            | Self::ConvBiasGradient { .. }
            | Self::EmbeddingGradient { .. }
            | Self::Observe { .. }
            | Self::CheckLoss
            | Self::DenseWeightUpdate { .. }
            | Self::DenseBiasUpdate { .. }
            | Self::Update { .. } => Vec::new(),
            Self::DenseInputGradient { dx, .. }
            | Self::ConvInputGradient { dx, .. }
            | Self::MaxPoolGradient { dx, .. }
            | Self::AvgPoolGradient { dx, .. }
            | Self::ActivateGradient { dx, .. }
            | Self::PreluGradient { dx, .. }
            | Self::SoftmaxGradient { dx, .. }
            | Self::LogSoftmaxGradient { dx, .. }
            | Self::BatchNormGradient { dx, .. }
            | Self::BatchNormEvaluateGradient { dx, .. }
            | Self::LayerNormGradient { dx, .. }
            | Self::DropoutGradient { dx, .. }
            | Self::RescaleGradient { dx, .. }
            | Self::NormalizeGradient { dx, .. } => vec![*dx],
        }
    }

    /// The parameters that a forward operation computes with.
    pub fn parameters(&self) -> Vec<TensorId> {
        match self {
            Self::Dense { weight, bias, .. } | Self::Conv { weight, bias, .. } => {
                std::iter::once(*weight).chain(*bias).collect()
            }
            Self::Prelu { slope, .. } => vec![*slope],
            Self::Embedding { weight, .. } => vec![*weight],
            Self::BatchNormTrain { gamma, beta, .. }
            | Self::BatchNormEvaluate { gamma, beta, .. }
            | Self::LayerNorm { gamma, beta, .. } => vec![*gamma, *beta],
            _ => Vec::new(),
        }
    }

    /// The parameters to whose gradients a backward operation adds.
    pub fn gradients(&self) -> Vec<TensorId> {
        match self {
            Self::DenseWeightGradient { weight: tensor, .. }
            | Self::DenseBiasGradient { bias: tensor, .. }
            | Self::ConvWeightGradient { weight: tensor, .. }
            | Self::ConvBiasGradient { bias: tensor, .. }
            | Self::EmbeddingGradient { weight: tensor, .. }
            | Self::PreluGradient { slope: tensor, .. } => vec![*tensor],
            Self::BatchNormGradient { gamma, beta, .. }
            | Self::BatchNormEvaluateGradient { gamma, beta, .. }
            | Self::LayerNormGradient { gamma, beta, .. } => vec![*gamma, *beta],
            _ => Vec::new(),
        }
    }

    /// Whether it changes something other than the buffers it writes.
    pub fn has_effect(&self) -> bool {
        matches!(
            self,
            Self::Scatter { .. }
                | Self::BatchNormTrain { .. }
                | Self::Loss { .. }
                | Self::Metric { .. }
                | Self::DenseWeightGradient { .. }
                | Self::DenseBiasGradient { .. }
                | Self::ConvWeightGradient { .. }
                | Self::ConvBiasGradient { .. }
                | Self::PreluGradient { .. }
                | Self::BatchNormGradient { .. }
                | Self::BatchNormEvaluateGradient { .. }
                | Self::LayerNormGradient { .. }
                | Self::EmbeddingGradient { .. }
                | Self::Observe { .. }
                | Self::CheckLoss
                | Self::DenseWeightUpdate { .. }
                | Self::DenseBiasUpdate { .. }
                | Self::Update { .. }
        )
    }
}

impl fmt::Display for BufferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%{}", self.0)
    }
}
