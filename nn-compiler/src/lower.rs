//! Lowering: a resolved [`Model`] in, a [`Plan`] out: forward operations, then losses, metrics and gradients.
//!
//! Guarantees: a plan computes nothing that its mode does not ask for; softmax and sigmoid before a
//! cross-entropy are skipped, the loss takes their logits. Every buffer is written once.
//!
//! Metrics are operations of the plans, so training reports them without another pass. With several
//! outputs, a step gathers the targets of each into rows of their own, so the losses see what they
//! see with one output; classes are read from the caller's tuples.

use std::collections::{BTreeMap, HashMap};

use crate::differentiate::differentiate;
use crate::layers::Layer;
use crate::model::{ClassWeights, Loss, LossTerm, Measure, Merge, Metric, Model, Node, Target, Train, ValueId};
use crate::plan::{BufferId, Expected, Extent, Mode, Op, Place, Plan, TensorId, Tensors};
use crate::shape::{Shape, Shapes};

/// What the lowering of a layer may do.
pub struct Lowering<'a> {
    model: &'a Model,
    shapes: &'a Shapes,
    plan: Plan,
    /// The tensors by their names.
    tensors_by_name: HashMap<&'a str, TensorId>,
    /// The buffer of each value that has been lowered.
    buffers: BTreeMap<ValueId, BufferId>,
    /// The value being lowered.
    current: ValueId,
    sites: usize,
}

/// Lowers what `mode` asks for.
pub fn lower(model: &Model, shapes: &Shapes, tensors: &Tensors, mode: Mode) -> Plan {
    lower_with(model, shapes, tensors, mode, false)
}

/// Like [`lower`]; `input_gradients` asks for the gradients of the inputs too, which training does not need.
pub fn lower_with(model: &Model, shapes: &Shapes, tensors: &Tensors, mode: Mode, input_gradients: bool) -> Plan {
    let mut lowering = Lowering::new(model, shapes, tensors, mode);
    match mode {
        Mode::Inference => lowering.outputs(),
        Mode::Evaluation => lowering.losses_and_metrics(false),
        Mode::Training | Mode::FrozenTraining => {
            lowering.losses_and_metrics(true);
            let inputs: Vec<BufferId> = lowering.input_buffers();
            differentiate(&mut lowering.plan, tensors, if input_gradients { &inputs } else { &[] });
        }
        Mode::Normalization => {}
    }
    lowering.plan
}

/// For each `normalize` layer in order, the plan that observes its input; those that are frozen stay as they are.
pub fn normalizations(model: &Model, shapes: &Shapes, tensors: &Tensors) -> Vec<Plan> {
    let normalizes = |id: &ValueId| {
        let value = model.value(*id);
        matches!(&value.node, Node::Layer { layer: Layer::Normalize(_), .. }) && !value.is_frozen
    };
    model.ids().filter(normalizes).map(|id| observe(model, shapes, tensors, id)).collect()
}

fn observe(model: &Model, shapes: &Shapes, tensors: &Tensors, id: ValueId) -> Plan {
    let mut lowering = Lowering::new(model, shapes, tensors, Mode::Normalization);
    let x = lowering.value(model.value(id).node.inputs()[0]);
    lowering.current = id;
    let (mean, deviation) = (lowering.tensor("mean"), lowering.tensor("deviation"));
    lowering.plan.forward = lowering.plan.steps.len();
    lowering.push(Op::Observe { x, mean, deviation });
    lowering.plan
}

impl<'a> Lowering<'a> {
    fn new(model: &'a Model, shapes: &'a Shapes, tensors: &'a Tensors, mode: Mode) -> Self {
        let names = tensors.all.iter().enumerate().map(|(index, tensor)| (tensor.name.as_str(), TensorId(index)));
        Self {
            model,
            shapes,
            plan: Plan::new(mode),
            tensors_by_name: names.collect(),
            buffers: BTreeMap::new(),
            current: ValueId(0),
            sites: 0,
        }
    }

    /// What the plan computes, for the layer being lowered: one that is frozen does in training what it does at
    /// inference.
    pub fn mode(&self) -> Mode {
        match self.plan.mode {
            Mode::Training if self.model.value(self.current).is_frozen => Mode::FrozenTraining,
            mode => mode,
        }
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, buffer: BufferId) -> usize {
        self.plan.width(buffer)
    }

    /// The shape of the only input of the layer being lowered.
    pub fn input_shape(&self) -> &'a Shape {
        self.shapes.of(self.model.value(self.current).node.inputs()[0])
    }

    /// A tensor of the layer being lowered, by its last name.
    pub fn tensor(&self, name: &str) -> TensorId {
        let full = format!("{}.{name}", self.model.value(self.current).label);
        let found = self.tensors_by_name.get(full.as_str());
        *found.expect("a layer asks only for tensors that its `parameters` names")
    }

    /// A new buffer for the layer being lowered.
    pub fn buffer(&mut self, part: &str, extent: Extent) -> BufferId {
        let label = &self.model.value(self.current).label;
        self.plan.add_buffer(format!("{label}.{part}"), extent)
    }

    /// A new buffer of the same extent as another.
    pub fn like(&mut self, part: &str, buffer: BufferId) -> BufferId {
        self.buffer(part, self.plan.buffer(buffer).extent)
    }

    /// A number for the random draws of the layer being lowered.
    pub fn next_site(&mut self) -> usize {
        self.sites += 1;
        self.sites - 1
    }

    /// Adds a step of the layer being lowered.
    pub fn push(&mut self, op: Op) {
        let value = self.model.value(self.current);
        let label = match &value.node {
            Node::Input { .. } => value.label.clone(),
            Node::Layer { layer, .. } => format!("{} {}", value.label, layer.rule().name()),
            Node::Merge { merge, .. } => format!("{} {}", value.label, merge.name()),
        };
        self.plan.push(label, op);
    }

    /// The buffer of a value; lowers it and what it depends on where that has not been done.
    fn value(&mut self, id: ValueId) -> BufferId {
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
        self.current = id;
        let model = self.model;
        let buffer = match &model.value(id).node {
            Node::Input { .. } => self.input(id),
            Node::Layer { layer, input } => {
                let x = self.buffers[input];
                layer.rule().lower(self, x)
            }
            Node::Merge { merge, inputs } => {
                let inputs: Vec<BufferId> = inputs.iter().map(|input| self.buffers[input]).collect();
                self.merge(*merge, &inputs, self.shapes.of(id).len())
            }
        };
        self.buffers.insert(id, buffer);
    }

    fn input(&mut self, id: ValueId) -> BufferId {
        let index = self.model.inputs.iter().position(|input| *input == id).unwrap_or_default();
        let extent = Extent::Rows(self.shapes.of(id).len());
        let label = self.model.value(id).label.clone();
        if let [_] = self.model.inputs[..] {
            return self.plan.add_buffer_at(label, extent, Place::Input(index));
        }
        let y = self.plan.add_buffer(label, extent);
        self.push(Op::Gather { input: index, y });
        y
    }

    fn merge(&mut self, merge: Merge, inputs: &[BufferId], width: usize) -> BufferId {
        if merge == Merge::Concat {
            let y = self.buffer("y", Extent::Rows(width));
            self.push(Op::Concat { xs: inputs.to_vec(), y });
            return y;
        }
        let mut joined = inputs[0];
        for &b in &inputs[1..] {
            let (a, y) = (joined, self.buffer("y", Extent::Rows(width)));
            self.push(if merge == Merge::Add { Op::Add { a, b, y } } else { Op::Multiply { a, b, y } });
            joined = y;
        }
        joined
    }

    /// Lowers every input, in order.
    fn input_buffers(&mut self) -> Vec<BufferId> {
        let model = self.model;
        model.inputs.iter().map(|id| self.value(*id)).collect()
    }

    /// Lowers the outputs and copies to the caller's memory; `write_outputs` removes the copies it can.
    fn outputs(&mut self) {
        let model = self.model;
        for (index, id) in model.outputs.iter().enumerate() {
            let x = self.value(*id);
            self.current = *id;
            if model.outputs.len() > 1 {
                self.push(Op::Scatter { x, output: index });
                continue;
            }
            let extent = self.plan.buffer(x).extent;
            let y = self.plan.add_buffer_at(model.value(*id).label.clone(), extent, Place::Output(index));
            self.push(Op::Copy { x, y });
        }
        self.plan.forward = self.plan.steps.len();
    }

    fn losses_and_metrics(&mut self, gradients: bool) {
        let model = self.model;
        let Some(train) = &model.train else { return };
        let inputs: Vec<BufferId> = train.losses.iter().map(|term| self.loss_input(term.loss, term.output)).collect();
        let measured: Vec<_> = train.metrics.iter().map(|measure| self.measured(measure, train)).collect();
        self.plan.forward = self.plan.steps.len();
        let expected: Vec<Expected> = (0..train.targets.len()).map(|target| self.expected(target, train)).collect();
        for (term, y) in train.losses.iter().zip(inputs) {
            let extent = self.plan.buffer(y).extent;
            let gradient = gradients.then(|| self.plan.add_buffer("dloss", extent));
            let of = if term.loss == Loss::Perceptron { self.buffers[&self.before_last(term.output)] } else { y };
            let class_weights = term.class_weights.as_ref().map(|ClassWeights { weights, .. }| {
                self.plan.class_weights.push(weights.clone());
                self.plan.class_weights.len() - 1
            });
            let (weight, t) = (term.weight, expected[term.target]);
            let op = Op::Loss { loss: term.loss, class_weights, weight, y, t, of, gradient };
            let output = self.named(term.target, train);
            self.plan.push(format!("loss {}{output}", term.loss.name()), op);
        }
        for (index, (measure, (y, threshold))) in train.metrics.iter().zip(measured).enumerate() {
            let op = Op::Metric { metric: measure.metric, index, y, t: expected[measure.target], threshold };
            self.plan.push(format!("metric {}", measure.name), op);
        }
    }

    /// `(action)`, where there are several targets.
    fn named(&self, target: usize, train: &Train) -> String {
        match train.targets.len() {
            1 => String::new(),
            _ => format!("({})", self.model.output_name(&train.targets[target])),
        }
    }

    /// The target of an output, out of the caller's tuple where there are several.
    fn expected(&mut self, target: usize, train: &Train) -> Expected {
        let Target { output, is_class, .. } = train.targets[target];
        let gathered = (train.targets.len() > 1 && !is_class).then(|| {
            let name = self.model.output_name(&train.targets[target]);
            let y = self.plan.add_buffer(format!("{name}.target"), Extent::Rows(self.shapes.of(output).len()));
            self.plan.push(format!("target {name}"), Op::GatherTarget { target, y });
            y
        });
        Expected { target, is_class, gathered }
    }

    /// The buffer that a loss takes: the logits, for those computed from logits.
    fn loss_input(&mut self, loss: Loss, output: ValueId) -> BufferId {
        let logits = self.before_last(output);
        match loss {
            Loss::CrossEntropy { .. } | Loss::BinaryCrossEntropy { .. } => self.value(logits),
            Loss::Mse | Loss::SquaredError | Loss::Mae | Loss::Huber { .. } | Loss::Perceptron => self.value(output),
        }
    }

    /// The buffer that a metric takes, and where its outputs turn from one class to the other.
    fn measured(&mut self, measure: &Measure, train: &Train) -> (BufferId, f64) {
        let from_logits = |term: &&LossTerm| {
            term.target == measure.target
                && matches!(term.loss, Loss::CrossEntropy { .. } | Loss::BinaryCrossEntropy { .. })
        };
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
