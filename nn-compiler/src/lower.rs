//! Lowering: a resolved [`Model`] in, a [`Plan`] out: forward operations, then losses, metrics and gradients.
//!
//! Guarantees: a plan computes only what its mode needs; softmax and sigmoid before a
//! cross-entropy are skipped, the loss takes their logits. Every buffer is written once.
//!
//! Metrics are operations of the plans, so training reports them without another pass. With several
//! outputs, a step gathers the targets of each into separate rows, so the losses get the same
//! input as with one output; classes are read from the caller's tuples.

use std::collections::BTreeMap;

use crate::differentiate::{differentiate, differentiate_outputs};
use crate::ids::{BufferId, ValueId};
use crate::layers::Layer;
use crate::model::{ClassWeights, LossTerm, Measure, Merge, Model, Node, Target, Train};
use crate::plan::ops::{
    Add, AddLoss, AddMetric, Concat, Copy, Expected, Gather, GatherGradient, GatherTarget, Multiply, ObserveMoments,
    Op, Plan, Scatter, ScatterGradient,
};
use crate::plan::roles::{InputGradient, LossSum, MetricSum, Observe, Output, Read, Write};
use crate::plan::{Extent, Location, Lowering, Mode, Origin, Tensors};
use crate::shape::Shapes;
use crate::vocabulary::{Loss, Metric};

/// A plan under construction.
struct Lowered<'a> {
    model: &'a Model,
    shapes: &'a Shapes,
    tensors: &'a Tensors,
    plan: Plan,
    /// The buffer of each value that has been lowered.
    buffers: BTreeMap<ValueId, Read>,
    /// How many layers draw at random.
    sites: usize,
    /// Whether the inputs are needed after the forward pass, when the caller's rows are not there.
    keeps_inputs: bool,
}

/// Lowers what `mode` needs.
pub fn lower(model: &Model, shapes: &Shapes, tensors: &Tensors, mode: Mode) -> Plan {
    lower_with(model, shapes, tensors, mode, false)
}

/// Like [`lower`]; `input_gradients` also requests the gradients of the inputs, which training does not need.
pub fn lower_with(model: &Model, shapes: &Shapes, tensors: &Tensors, mode: Mode, input_gradients: bool) -> Plan {
    let mut lowered = Lowered::new(model, shapes, tensors, mode);
    match mode {
        Mode::Inference => lowered.outputs(),
        Mode::Evaluation => lowered.losses_and_metrics(false),
        Mode::Training | Mode::FrozenTraining => {
            lowered.losses_and_metrics(true);
            let inputs: Vec<BufferId> = model.inputs.iter().map(|id| lowered.value(*id).0).collect();
            differentiate(&mut lowered.plan, tensors, if input_gradients { &inputs } else { &[] });
        }
        Mode::Normalization => {}
    }
    lowered.plan
}

/// Lowers outputs as in training, and the gradients that follow from those of the outputs. The caller computes these after
/// the forward part, of any function of the outputs.
pub fn external(model: &Model, shapes: &Shapes, tensors: &Tensors) -> Plan {
    let mut lowered = Lowered::new(model, shapes, tensors, Mode::Training);
    lowered.keeps_inputs = true;
    // In the order of a step, so that layers that draw at random have the numbers that they have there.
    if let Some(train) = &model.train {
        for term in &train.losses {
            lowered.loss_input(term.loss, term.output);
        }
        for measure in &train.metrics {
            lowered.measured(measure, train);
        }
    }
    lowered.outputs();
    let outputs = lowered.output_gradients();
    let inputs: Vec<Option<Read>> = model.inputs.iter().map(|id| lowered.buffers.get(id).copied()).collect();
    let read: Vec<BufferId> = inputs.iter().flatten().map(|input| input.0).collect();
    let mut gradients = differentiate_outputs(&mut lowered.plan, tensors, &outputs, &read).into_iter();
    for (index, (id, input)) in model.inputs.iter().zip(inputs).enumerate() {
        let x = input.and_then(|_| gradients.next().flatten()).map(Read);
        lowered.push(*id, ScatterGradient { x, input: InputGradient(index) });
    }
    lowered.plan
}

/// For each `normalize` layer in order, the plan that observes its input; frozen ones do not change.
pub fn normalizations(model: &Model, shapes: &Shapes, tensors: &Tensors) -> Vec<Plan> {
    let normalizes = |id: &ValueId| {
        let value = model.value(*id);
        let Node::Layer { layer: Layer::Normalize(_), .. } = &value.node else { return false };
        !value.is_frozen
    };
    model.ids().filter(normalizes).map(|id| observe(model, shapes, tensors, id)).collect()
}

fn observe(model: &Model, shapes: &Shapes, tensors: &Tensors, id: ValueId) -> Plan {
    let mut lowered = Lowered::new(model, shapes, tensors, Mode::Normalization);
    let x = lowered.value(model.value(id).node.inputs()[0]);
    lowered.plan.forward = lowered.plan.steps.len();
    let [mean, deviation] = tensors.of_value(id)[..] else { unreachable!("`normalize` has a mean and a deviation") };
    lowered.push(id, ObserveMoments { x, mean: Observe(mean), deviation: Observe(deviation) });
    lowered.plan
}

impl<'a> Lowered<'a> {
    fn new(model: &'a Model, shapes: &'a Shapes, tensors: &'a Tensors, mode: Mode) -> Self {
        Self { model, shapes, tensors, plan: Plan::new(mode), buffers: BTreeMap::new(), sites: 0, keeps_inputs: false }
    }

    fn push(&mut self, id: ValueId, op: impl Into<Op>) {
        self.plan.push(Origin::Value(id), op);
    }

    fn buffer(&mut self, id: ValueId, part: &str) -> Write {
        let extent = Extent::Rows(self.shapes.of(id).len());
        Write(self.plan.add_buffer(format!("{}.{part}", self.model.value(id).label), extent))
    }

    /// The buffer of a value; lowers it and what it depends on if that has not been done.
    fn value(&mut self, id: ValueId) -> Read {
        let mut wanted = vec![id];
        while let Some(next) = wanted.last().copied() {
            let missing = |input: &&ValueId| !self.buffers.contains_key(input);
            match self.model.value(next).node.inputs().iter().find(missing) {
                Some(input) => wanted.push(*input),
                None => {
                    self.lower_value(next);
                    wanted.pop();
                }
            }
        }
        self.buffers[&id]
    }

    fn lower_value(&mut self, id: ValueId) {
        if self.buffers.contains_key(&id) {
            return;
        }
        let model = self.model;
        let buffer = match &model.value(id).node {
            Node::Input { .. } => self.input(id),
            Node::Layer { layer, input } => self.layer(id, layer, *input),
            Node::Merge { merge, inputs } => {
                let inputs: Vec<Read> = inputs.iter().map(|input| self.buffers[input]).collect();
                self.merge(id, *merge, inputs)
            }
        };
        self.buffers.insert(id, buffer);
    }

    fn input(&mut self, id: ValueId) -> Read {
        let index = self.model.inputs.iter().position(|input| *input == id).unwrap_or_default();
        let extent = Extent::Rows(self.shapes.of(id).len());
        let label = self.model.value(id).label.clone();
        if let [_] = self.model.inputs[..] {
            let x = Read(self.plan.add_buffer_at(label.clone(), extent, Location::Input(index)));
            if !self.keeps_inputs {
                return x;
            }
            let y = Write(self.plan.add_buffer(label, extent));
            self.push(id, Copy { x, y });
            return y.read();
        }
        let y = Write(self.plan.add_buffer(label, extent));
        self.push(id, Gather { input: index, y });
        y.read()
    }

    fn layer(&mut self, id: ValueId, layer: &Layer, input: ValueId) -> Read {
        let value = self.model.value(id);
        let mode = match self.plan.mode {
            Mode::Training if value.is_frozen => Mode::FrozenTraining,
            mode @ (Mode::Inference
            | Mode::Evaluation
            | Mode::Training
            | Mode::FrozenTraining
            | Mode::Normalization) => mode,
        };
        let x = self.buffers[&input];
        let mut lowering = Lowering {
            plan: &mut self.plan,
            value: id,
            name: &value.label,
            mode,
            input: self.shapes.of(input),
            tensors: self.tensors.of_value(id),
            sites: &mut self.sites,
        };
        layer.rule().lower(&mut lowering, x)
    }

    fn merge(&mut self, id: ValueId, merge: Merge, inputs: Vec<Read>) -> Read {
        let [first, others @ ..] = &inputs[..] else { unreachable!("a merge has inputs") };
        let mut joined = *first;
        match merge {
            Merge::Concat => {
                let y = self.buffer(id, "y");
                self.push(id, Concat { xs: inputs, y });
                return y.read();
            }
            Merge::Add => {
                for b in others {
                    let y = self.buffer(id, "y");
                    self.push(id, Add { a: joined, b: *b, y });
                    joined = y.read();
                }
            }
            Merge::Multiply => {
                for b in others {
                    let y = self.buffer(id, "y");
                    self.push(id, Multiply { a: joined, b: *b, y });
                    joined = y.read();
                }
            }
        }
        joined
    }

    /// Lowers the outputs and copies to the caller's memory; `write_outputs` removes the copies it can.
    fn outputs(&mut self) {
        let model = self.model;
        for (index, id) in model.outputs.iter().enumerate() {
            let x = self.value(*id);
            if model.outputs.len() > 1 {
                self.plan.push(Origin::Output(*id), Scatter { x, output: Output(index) });
                continue;
            }
            let extent = self.plan.buffer(x).extent;
            let y = self.plan.add_buffer_at(model.value(*id).label.clone(), extent, Location::Output(index));
            self.plan.push(Origin::Output(*id), Copy { x, y: Write(y) });
        }
        self.plan.forward = self.plan.steps.len();
    }

    /// For each output, its buffer and that of its gradient, from the caller's tuple where there are several.
    fn output_gradients(&mut self) -> Vec<(BufferId, Write)> {
        let model = self.model;
        let mut gradients = Vec::new();
        for (output, id) in model.outputs.iter().enumerate() {
            let of = self.value(*id);
            let (name, extent) = (format!("d{}", model.value(*id).label), self.plan.buffer(of).extent);
            let gradient = match model.outputs[..] {
                [_] => Write(self.plan.add_buffer_at(name, extent, Location::OutputGradient(output))),
                _ => {
                    let y = Write(self.plan.add_buffer(name, extent));
                    self.plan.push(Origin::Output(*id), GatherGradient { output, y });
                    y
                }
            };
            gradients.push((of.0, gradient));
        }
        gradients
    }

    fn losses_and_metrics(&mut self, gradients: bool) {
        let model = self.model;
        let Some(train) = &model.train else { return };
        let inputs: Vec<Read> = train.losses.iter().map(|term| self.loss_input(term.loss, term.output)).collect();
        let measured: Vec<_> = train.metrics.iter().map(|measure| self.measured(measure, train)).collect();
        self.plan.forward = self.plan.steps.len();
        let expected: Vec<Expected> = (0..train.targets.len()).map(|target| self.expected(target, train)).collect();
        for (index, (term, y)) in train.losses.iter().zip(inputs).enumerate() {
            let loss = self.loss(term, y, expected[term.target], gradients);
            self.plan.push(Origin::Loss(index), loss);
        }
        for (index, (measure, (y, threshold))) in train.metrics.iter().zip(measured).enumerate() {
            let (metric, t, sum) = (measure.metric, expected[measure.target], MetricSum(index));
            self.plan.push(Origin::Metric(index), AddMetric { metric, y, t, threshold, sum });
        }
    }

    fn loss(&mut self, term: &LossTerm, y: Read, t: Expected, gradients: bool) -> AddLoss {
        let extent = self.plan.buffer(y).extent;
        let gradient = gradients.then(|| Write(self.plan.add_buffer("dloss", extent)));
        let of = match term.loss {
            Loss::Perceptron => self.buffers[&self.before_last(term.output)].0,
            Loss::CrossEntropy { .. }
            | Loss::BinaryCrossEntropy { .. }
            | Loss::Mse
            | Loss::SquaredError
            | Loss::Mae
            | Loss::Huber { .. } => y.0,
        };
        let class_weights = term.class_weights.as_ref().map(|ClassWeights { weights, .. }| {
            self.plan.class_weights.push(weights.clone());
            self.plan.class_weights.len() - 1
        });
        AddLoss { loss: term.loss, class_weights, weight: term.weight, y, t, of, gradient, sum: LossSum }
    }

    /// The target of an output, from the caller's tuple where there are several.
    fn expected(&mut self, target: usize, train: &Train) -> Expected {
        let Target { output, is_class, .. } = train.targets[target];
        let gathered = (train.targets.len() > 1 && !is_class).then(|| {
            let name = self.model.output_name(&train.targets[target]);
            let extent = Extent::Rows(self.shapes.of(output).len());
            let y = Write(self.plan.add_buffer(format!("{name}.target"), extent));
            self.plan.push(Origin::Target(target), GatherTarget { target, y });
            y.read()
        });
        Expected { target, is_class, gathered }
    }

    /// The buffer that a loss takes: the logits, for those computed from logits.
    fn loss_input(&mut self, loss: Loss, output: ValueId) -> Read {
        let logits = self.before_last(output);
        self.value(if loss.takes_logits() { logits } else { output })
    }

    /// The buffer that a metric takes, and the threshold between its two classes.
    fn measured(&mut self, measure: &Measure, train: &Train) -> (Read, f64) {
        let from_logits = |term: &&LossTerm| term.target == measure.target && term.loss.takes_logits();
        match (measure.metric, train.losses.iter().find(from_logits)) {
            (Metric::Accuracy, Some(term)) => (self.loss_input(term.loss, term.output), 0.0),
            (Metric::Accuracy | Metric::Mae | Metric::Mse, _) => {
                (self.value(train.targets[measure.target].output), 0.5)
            }
        }
    }

    /// The value before the last layer of an output.
    fn before_last(&self, output: ValueId) -> ValueId {
        self.model.value(output).node.inputs().first().copied().unwrap_or(output)
    }
}
