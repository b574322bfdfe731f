//! The stack that a network needs: upper bounds, since only rustc knows the frames.
//!
//! A bound is the sum of
//!
//! - what the runtime puts on the stack by its own decision, which is known exactly or from above:
//!   the activations of a row in `predict`, the buffers of a convolution, the panel of an input
//!   gradient, the packing buffer of a build without `std`;
//! - an allowance for the frames: registers that are spilled, tiles, the calls around the kernels.
//!
//! Allowances are measured, and hold for optimised builds (`opt-level` 2, 3, `s`): a build without
//! optimisation has a place on the stack for every intermediate value of every kernel.
//! `nn-runtime/tests/stack.rs` measures networks on the machine that runs it, and `embedded/run.sh`
//! one on a Cortex-M4. They hold for every instruction set and with every
//! set of features: the widest registers take the largest frames.

mod convolution;

use crate::agreement::{LINE, PACKING_STACK, TRANSPOSED_STEPS, UNPACKED_UNITS, UNPACKED_WEIGHTS};
use crate::plan::{Op, Origin, Plan, TrainingPlans};
use crate::vocabulary::Activation;
use convolution::Convolution;

/// Bytes of an f32.
const NUMBER: usize = 4;

/// The calls around the kernels: of `predict`, and those of a trainer.
const CALLS: usize = 1 << 10;

/// A kernel that takes vectors one after another, or a dense layer of few units.
const SMALL: usize = 3 << 10;

/// A kernel with register tiles, or with long formulas.
const TILES: usize = 8 << 10;

/// Units of a dense layer up to which its tiles are small.
const FEW_UNITS: usize = 32;

/// Weights of a dense layer up to which the tiles of its gradient are small.
const FEW_WEIGHTS: usize = 256;

/// An upper bound, and what it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The bytes.
    pub bytes: usize,
    /// Those of the largest frame of a kernel.
    pub frame: usize,
    /// What that kernel belongs to.
    pub largest: Option<Origin>,
}

/// The bound for a prediction of one row, with its activations on the stack.
pub fn predict(plan: &Plan, outputs: usize) -> Stack {
    let (frame, largest) = largest(plan, 1);
    // The output is made on the stack and returned.
    Stack { bytes: round(CALLS + NUMBER * (plan.scratch(1) + outputs) + frame), frame, largest }
}

/// The bound for a step, or an evaluation, of chunks of this many rows. Without a loss a step is the passes around what
/// the caller computes.
pub fn train(plans: &TrainingPlans, has_loss: bool, rows: usize) -> Stack {
    let external = (!has_loss).then_some(&plans.external);
    let all = [Some(&plans.training), plans.step.as_ref(), external, Some(&plans.evaluation)];
    let all = all.into_iter().flatten().chain(&plans.normalization);
    let largest = all.map(|plan| largest(plan, rows)).max_by_key(|(frame, _)| *frame);
    let (frame, largest) = largest.unwrap_or_default();
    Stack { bytes: round(2 * CALLS + frame), frame, largest }
}

/// Whole lines.
fn round(bytes: usize) -> usize {
    bytes.next_multiple_of(NUMBER * LINE)
}

/// The largest frame of a step of a plan.
fn largest(plan: &Plan, rows: usize) -> (usize, Option<Origin>) {
    let frames = plan.steps.iter().map(|step| (frame(plan, &step.op, rows), Some(step.origin)));
    frames.max_by_key(|(frame, _)| *frame).unwrap_or_default()
}

/// What the kernel of an operation takes.
fn frame(plan: &Plan, op: &Op, rows: usize) -> usize {
    match op {
        Op::Dense(dense) => dense_forward(plan.width(dense.x), plan.width(dense.y), rows) + formula(dense.activation),
        Op::DenseGradient(gradient) => weight_gradient(plan.width(gradient.x), plan.width(gradient.dy), rows),
        Op::DenseWeightUpdate(update) => weight_gradient(plan.width(update.x), plan.width(update.dy), rows),
        Op::DenseInputGradient(gradient) => input_gradient(plan.width(gradient.dx), plan.width(gradient.dy)),
        Op::Conv(conv) => {
            let convolution = Convolution::new(&conv.window, conv.groups, plan.width(conv.y));
            TILES + formula(conv.activation) + convolution.forward()
        }
        Op::ConvInputGradient(gradient) => {
            let convolution = Convolution::new(&gradient.window, gradient.groups, plan.width(gradient.dy));
            TILES + convolution.input_gradient()
        }
        Op::ConvWeightGradient(gradient) => {
            let convolution = Convolution::new(&gradient.window, gradient.groups, plan.width(gradient.dy));
            TILES + convolution.weight_gradient()
        }
        Op::Activate(activate) => SMALL + formula(activate.activation),
        Op::BatchNormTrain(_)
        | Op::BatchNormEvaluate(_)
        | Op::BatchNormGradient(_)
        | Op::BatchNormEvaluateGradient(_)
        | Op::LayerNorm(_)
        | Op::LayerNormGradient(_)
        | Op::RmsNorm(_)
        | Op::RmsNormGradient(_)
        | Op::GroupNorm(_)
        | Op::GroupNormGradient(_)
        | Op::ActivateGradient(_)
        | Op::ObserveMoments(_)
        | Op::UpdateTensor(_) => TILES,
        Op::Gather(_)
        | Op::Embedding(_)
        | Op::MaxPool(_)
        | Op::AvgPool(_)
        | Op::Prelu(_)
        | Op::Softmax(_)
        | Op::LogSoftmax(_)
        | Op::Dropout(_)
        | Op::Rescale(_)
        | Op::Normalize(_)
        | Op::Add(_)
        | Op::Multiply(_)
        | Op::Concat(_)
        | Op::Copy(_)
        | Op::Scatter(_)
        | Op::Take(_)
        | Op::GatherTarget(_)
        | Op::GatherGradient(_)
        | Op::ScatterGradient(_)
        | Op::AddLoss(_)
        | Op::AddMetric(_)
        | Op::ConvBiasGradient(_)
        | Op::EmbeddingGradient(_)
        | Op::MaxPoolGradient(_)
        | Op::AvgPoolGradient(_)
        | Op::PreluGradient(_)
        | Op::SoftmaxGradient(_)
        | Op::LogSoftmaxGradient(_)
        | Op::DropoutGradient(_)
        | Op::RescaleGradient(_)
        | Op::NormalizeGradient(_)
        | Op::CheckLoss(_)
        | Op::DenseBiasUpdate(_) => SMALL,
    }
}

/// y = x·W + b.
fn dense_forward(inputs: usize, units: usize, rows: usize) -> usize {
    if units > FEW_UNITS {
        let packs = units > UNPACKED_UNITS && inputs * units > UNPACKED_WEIGHTS && rows >= LINE;
        return TILES + packing(packs);
    }
    // Four rows of up to four units share a vector, and each weight is repeated in one.
    let repeated = if units <= LINE / 4 && rows >= LINE { inputs.min(128) * LINE } else { 0 };
    SMALL + NUMBER * repeated
}

/// dW += xᵀ·dy, or the step of the optimizer.
fn weight_gradient(inputs: usize, units: usize, rows: usize) -> usize {
    if inputs * units <= FEW_WEIGHTS {
        return SMALL;
    }
    // The gradient of a single column is that of a row.
    let columns = if units == 1 { inputs } else { units };
    TILES + packing(columns > UNPACKED_UNITS && rows * columns > UNPACKED_WEIGHTS)
}

/// dx = dy·Wᵀ.
fn input_gradient(inputs: usize, units: usize) -> usize {
    if units == 1 {
        return TILES + packing(inputs > UNPACKED_WEIGHTS);
    }
    // The panel of the transpose that tiles walk along, or what the transposed product keeps.
    let panel = NUMBER * 2 * TRANSPOSED_STEPS * LINE;
    TILES + panel + packing(inputs > 2 * LINE && units > TRANSPOSED_STEPS)
}

/// The packing buffer, which is on the stack in a build without `std`.
fn packing(packs: bool) -> usize {
    if packs { PACKING_STACK } else { 0 }
}

/// What an activation adds to the kernel that computes it.
fn formula(activation: Activation) -> usize {
    match activation {
        Activation::Linear
        | Activation::Relu
        | Activation::LeakyRelu { .. }
        | Activation::HardSigmoid
        | Activation::HardTanh
        | Activation::BoundedRelu { .. }
        | Activation::HardSwish
        | Activation::Step => 0,
        Activation::Sigmoid
        | Activation::Tanh
        | Activation::Elu { .. }
        | Activation::Selu
        | Activation::Silu
        | Activation::Mish
        | Activation::Softplus => 2 << 10,
        Activation::Gelu | Activation::GeluTanh => 4 << 10,
    }
}
