//! Reverse-mode differentiation: a plan that ends with losses in, the same plan with its gradients behind it out.
//!
//! The forward operations are walked backwards; each adds the operations of its own derivative, which its layer's
//! file defines. A value used twice gets the sum of its gradients. What no parameter depends on gets none: the first
//! layer computes no gradient of its input, and frozen parameters count as constants.

use std::collections::{BTreeMap, BTreeSet};

use crate::layers::{
    activation, avg_pool, batch_norm, conv, dense, dropout, embedding, layer_norm, log_softmax, max_pool, normalize,
    prelu, rescale, softmax,
};
use crate::plan::{BufferId, Extent, Mode, Op, Plan, Tensors};

/// What the derivative of an operation may do.
pub struct Tape<'a> {
    plan: &'a mut Plan,
    tensors: &'a Tensors,
    /// The gradient of each buffer, as far as it has been summed up.
    gradients: BTreeMap<BufferId, BufferId>,
    /// The buffers whose gradients are needed.
    wanted: BTreeSet<BufferId>,
    /// The step whose derivative is being added.
    label: String,
}

/// Adds the gradients of all parameters that learn, and of `inputs`.
pub fn differentiate(plan: &mut Plan, tensors: &Tensors, inputs: &[BufferId]) {
    let forward: Vec<_> = plan.steps[..plan.forward].to_vec();
    let wanted = wanted(&forward.iter().map(|step| &step.op).collect::<Vec<_>>(), tensors, inputs);
    // A loss that nothing learns from is measured alone.
    for step in &mut plan.steps[plan.forward..] {
        if let Op::Loss { of, gradient, .. } = &mut step.op {
            *gradient = gradient.filter(|_| wanted.contains(of));
        }
    }
    let losses: Vec<_> = plan.steps[plan.forward..].iter().map(|step| step.op.clone()).collect();
    let mut tape = Tape { plan, tensors, gradients: BTreeMap::new(), wanted, label: "loss".to_owned() };
    for op in losses {
        if let Op::Loss { of, gradient: Some(gradient), .. } = op {
            tape.add(of, gradient);
        }
    }
    for step in forward.iter().rev() {
        tape.label.clone_from(&step.label);
        derive(&mut tape, &step.op);
    }
    let input_gradients = inputs.iter().map(|input| tape.gradients.get(input).copied()).collect();
    plan.input_gradients = input_gradients;
}

/// The buffers that depend on a parameter that learns or on one of `inputs`.
fn wanted(forward: &[&Op], tensors: &Tensors, inputs: &[BufferId]) -> BTreeSet<BufferId> {
    let mut wanted: BTreeSet<BufferId> = inputs.iter().copied().collect();
    for op in forward {
        let learns = op.parameters().into_iter().any(|tensor| tensors.get(tensor).learns());
        if learns || op.reads().iter().any(|read| wanted.contains(read)) {
            wanted.extend(op.writes());
        }
    }
    wanted
}

fn derive(tape: &mut Tape, op: &Op) {
    match op {
        Op::Dense { x, weight, bias, y, .. } => dense::gradient(tape, *x, *weight, *bias, *y),
        Op::Conv { .. } => conv::gradient(tape, op),
        Op::Embedding { x, weight, y } => embedding::gradient(tape, *x, *weight, *y),
        Op::MaxPool { x, window, y } => max_pool::gradient(tape, *x, *window, *y),
        Op::AvgPool { x, window, y } => avg_pool::gradient(tape, *x, *window, *y),
        Op::Activate { activation, x, y } => activation::gradient(tape, *activation, *x, *y),
        Op::Prelu { x, slope, y } => prelu::gradient(tape, *x, *slope, *y),
        Op::Softmax { x, y } => softmax::gradient(tape, *x, *y),
        Op::LogSoftmax { x, y } => log_softmax::gradient(tape, *x, *y),
        Op::BatchNormTrain { .. } | Op::BatchNormEvaluate { .. } => batch_norm::gradient(tape, op),
        Op::LayerNorm { .. } => layer_norm::gradient(tape, op),
        Op::Dropout { x, mask, y, .. } => dropout::gradient(tape, *x, *mask, *y),
        Op::Rescale { x, factor, y, .. } => rescale::gradient(tape, *x, *factor, *y),
        Op::Normalize { x, deviation, y, .. } => normalize::gradient(tape, *x, *deviation, *y),
        Op::Add { a, b, y } => {
            let Some(dy) = tape.gradient_of(*y) else { return };
            tape.add(*a, dy);
            tape.add(*b, dy);
        }
        Op::Multiply { a, b, y } => {
            tape.through(*a, *y, |dy, dx| Op::Multiply { a: dy, b: *b, y: dx });
            tape.through(*b, *y, |dy, dx| Op::Multiply { a: dy, b: *a, y: dx });
        }
        Op::Concat { xs, y } => {
            let mut at = 0;
            for x in xs {
                tape.through(*x, *y, |dy, dx| Op::Take { x: dy, at, y: dx });
                at += tape.width(*x);
            }
        }
        Op::Copy { x, y } => {
            let Some(dy) = tape.gradient_of(*y) else { return };
            tape.add(*x, dy);
        }
        // An input: it depends on no parameter.
        Op::Gather { .. } => {}
        Op::Scatter { .. }
        | Op::Take { .. }
        | Op::GatherTarget { .. }
        | Op::Loss { .. }
        | Op::Metric { .. }
        | Op::DenseGradient { .. }
        | Op::DenseInputGradient { .. }
        | Op::ConvWeightGradient { .. }
        | Op::ConvBiasGradient { .. }
        | Op::ConvInputGradient { .. }
        | Op::EmbeddingGradient { .. }
        | Op::MaxPoolGradient { .. }
        | Op::AvgPoolGradient { .. }
        | Op::CheckLoss
        | Op::DenseWeightUpdate { .. }
        | Op::DenseBiasUpdate { .. }
        | Op::Update { .. }
        | Op::ActivateGradient { .. }
        | Op::PreluGradient { .. }
        | Op::SoftmaxGradient { .. }
        | Op::LogSoftmaxGradient { .. }
        | Op::BatchNormGradient { .. }
        | Op::BatchNormEvaluateGradient { .. }
        | Op::LayerNormGradient { .. }
        | Op::DropoutGradient { .. }
        | Op::RescaleGradient { .. }
        | Op::NormalizeGradient { .. }
        | Op::Observe { .. } => unreachable!("not a forward operation of a layer"),
    }
}

impl Tape<'_> {
    /// The gradient of a buffer; `None` where no loss depends on it or nobody needs it.
    pub fn gradient_of(&self, buffer: BufferId) -> Option<BufferId> {
        if self.wants(buffer) { self.gradients.get(&buffer).copied() } else { None }
    }

    /// Whether a buffer's gradient is needed.
    pub fn wants(&self, buffer: BufferId) -> bool {
        self.wanted.contains(&buffer)
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, buffer: BufferId) -> usize {
        self.plan.width(buffer)
    }

    /// Adds a step, unless gradients of frozen parameters were all that it gives.
    pub fn push(&mut self, op: Op) {
        let gradients = op.gradients();
        let learns = gradients.iter().any(|tensor| self.tensors.get(*tensor).learns());
        if learns || gradients.is_empty() || !op.writes().is_empty() {
            self.plan.push(self.label.clone(), op);
        }
    }

    /// A new scratch buffer.
    pub fn buffer(&mut self, part: &str, extent: Extent) -> BufferId {
        let name = format!("{}.{part}", self.label.split(' ').next().unwrap_or_default());
        self.plan.add_buffer(name, extent)
    }

    /// A new buffer for a part of the gradient of `x`.
    pub fn gradient_buffer(&mut self, x: BufferId) -> BufferId {
        let buffer = self.plan.buffer(x);
        let (name, extent) = (format!("d{}", buffer.name), buffer.extent);
        self.plan.add_buffer(name, extent)
    }

    /// Adds `part` to the gradient of `x`.
    pub fn add(&mut self, x: BufferId, part: BufferId) {
        if !self.wants(x) {
            return;
        }
        let sum = match self.gradients.get(&x).copied() {
            None => part,
            Some(before) => {
                let y = self.gradient_buffer(x);
                self.push(Op::Add { a: before, b: part, y });
                y
            }
        };
        self.gradients.insert(x, sum);
    }

    /// Takes the gradient of `y` to `x` by one operation, where it is needed and there is one.
    pub fn through(&mut self, x: BufferId, y: BufferId, op: impl FnOnce(BufferId, BufferId) -> Op) {
        let Some(dy) = self.gradient_of(y) else { return };
        if self.wants(x) {
            let dx = self.gradient_buffer(x);
            self.push(op(dy, dx));
            self.add(x, dx);
        }
    }
}

impl Mode {
    /// Whether gradients are computed.
    pub fn differentiates(self) -> bool {
        matches!(self, Self::Training | Self::FrozenTraining)
    }
}
