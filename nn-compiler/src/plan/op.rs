//! What the steps of a plan do.

use super::{BufferId, TensorId};
use crate::vocabulary::{Activation, Loss, Metric, Window};

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
        /// The weights of the classes, an index of [`Plan::class_weights`](super::Plan::class_weights).
        class_weights: Option<usize>,
        weight: f64,
        y: BufferId,
        t: Expected,
        of: BufferId,
        gradient: Option<BufferId>,
    },
    /// metric\[index\] += metric(y, t)
    Metric { metric: Metric, index: usize, y: BufferId, t: Expected, threshold: f64 },

    /// dW += xᵀ·dy, db += Σ dy
    DenseGradient { x: BufferId, dy: BufferId, weight: TensorId, bias: Option<TensorId> },
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

impl Op {
    /// The buffers it reads.
    pub fn reads(&self) -> Vec<BufferId> {
        #[cfg(test)]
        work::count();
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
            Self::DenseGradient { x, dy, .. }
            | Self::DenseWeightUpdate { x, dy, .. }
            | Self::ConvWeightGradient { x, dy, .. } => vec![*x, *dy],
            Self::DenseInputGradient { dy, derivative, .. } | Self::ConvInputGradient { dy, derivative, .. } => {
                std::iter::once(*dy).chain(derivative.map(|(_, saved)| saved)).collect()
            }
            Self::ConvBiasGradient { dy, .. }
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
        #[cfg(test)]
        work::count();
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
            | Self::DenseGradient { .. }
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
            Self::DenseGradient { weight, bias, .. } => std::iter::once(*weight).chain(*bias).collect(),
            Self::ConvWeightGradient { weight: tensor, .. }
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
                | Self::DenseGradient { .. }
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

/// Counts how often passes look at operations: what is quadratic in the layers shows in it, on any machine.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<usize> = const { Cell::new(0) };
    }

    pub fn count() {
        LOOKS.set(LOOKS.get() + 1);
    }

    /// How often `run` makes this thread look at an operation.
    pub fn of(run: impl FnOnce()) -> usize {
        let before = LOOKS.get();
        run();
        LOOKS.get() - before
    }
}
