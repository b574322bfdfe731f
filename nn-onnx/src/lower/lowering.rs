//! A lowering under way: what each node becomes, and what the lowerings of all nodes need.

use std::collections::{HashMap, HashSet};

use super::supported;
use super::view::{Axis, View};
use crate::error::Reason;
use crate::graph::{Array, Graph, Node, Operator, ValueId};
use crate::spec::call::shape;
use crate::spec::{Call, Spec, StepId, StepKind, Weights};

/// A lowering under way.
pub struct Lowering<'a> {
    pub graph: &'a Graph,
    pub spec: Spec,
    pub views: HashMap<ValueId, View>,
    /// Values that depend on nothing but the length of the batch, such as the first state of a recurrent layer.
    pub unfolded: HashSet<ValueId>,
    /// Steps in other shapes, so that two readers share a `flatten`.
    shaped: HashMap<(StepId, Vec<usize>), StepId>,
    pub notes: Vec<String>,
}

impl<'a> Lowering<'a> {
    /// Of a graph, with nothing lowered yet.
    pub fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            spec: Spec::default(),
            views: HashMap::new(),
            unfolded: HashSet::new(),
            shaped: HashMap::new(),
            notes: Vec::new(),
        }
    }

    /// Lowers a node, or refuses it.
    pub fn node(&mut self, node: &Node) -> Result<(), Reason> {
        let Some(output) = node.output() else { return Ok(()) };
        let inputs: Vec<ValueId> = node.inputs.iter().flatten().copied().collect();
        let is_constant = |id: &ValueId| self.graph.constant(*id).is_some() || self.unfolded.contains(id);
        if inputs.iter().all(is_constant) {
            self.unfolded.insert(output);
            return Ok(());
        }
        let is_known = inputs.iter().all(|id| is_constant(id) || self.views.contains_key(id));
        if is_known || supported::is_never(&node.operator) {
            supported::check(self.graph, node)?;
        }
        if !is_known {
            return Ok(());
        }
        if inputs.iter().any(|id| self.unfolded.contains(id)) {
            return Err(Reason::new("it reads what depends on the length of the batch alone", ""));
        }
        let view = self.lowered(node)?;
        self.views.insert(output, view);
        Ok(())
    }

    fn lowered(&mut self, node: &Node) -> Result<View, Reason> {
        use Operator as O;
        match node.operator {
            O::Add | O::Sum => self.join(node, "add"),
            O::Mul => self.join(node, "multiply"),
            O::Sub => self.difference(node),
            O::Concat => self.concat(node),
            O::Affine => self.affine(node),
            O::Conv => self.conv(node),
            O::MaxPool => self.pool(node, "max_pool1d", "max_pool2d"),
            O::AveragePool => self.pool(node, "avg_pool1d", "avg_pool2d"),
            O::GlobalAveragePool | O::ReduceMean => self.global_pool(node, "global_avg_pool"),
            O::GlobalMaxPool | O::ReduceMax => self.global_pool(node, "global_max_pool"),
            O::Dense => self.dense(node),
            O::Gather => self.embedding(node),
            O::BatchNormalization => self.batch_norm(node),
            O::LayerNormalization => self.layer_norm(node),
            O::RMSNormalization => self.rms_norm(node),
            O::InstanceNormalization | O::GroupNormalization => self.group_norm(node),
            O::Reshape | O::Flatten | O::Squeeze | O::Unsqueeze => self.reshape(node),
            O::Transpose => self.transpose(node),
            O::Pad => self.pad(node),
            O::PRelu => self.prelu(node),
            O::Softmax => self.softmax(node, "softmax"),
            O::LogSoftmax => self.softmax(node, "log_softmax"),
            _ => self.activation(node),
        }
    }

    /// The view of an input that is computed.
    pub fn view(&self, node: &Node, at: usize) -> Result<View, Reason> {
        let id = node.needed(at)?;
        let computed = || Reason::new(format!("its input {} is a constant", at + 1), "");
        self.views.get(&id).cloned().ok_or_else(computed)
    }

    /// The view of an input that no `Pad` extends.
    pub fn bare(&self, node: &Node, at: usize) -> Result<View, Reason> {
        let view = self.view(node, at)?;
        if view.padding.is_empty() {
            return Ok(view);
        }
        Err(Reason::new("its input is padded", "only convolutions can take in a `Pad` before them"))
    }

    /// An input that must be a constant of numbers.
    pub fn numbers(&self, node: &Node, at: usize, what: &str) -> Result<&Array, Reason> {
        let array = self.graph.constant_input(node, at).filter(|array| array.floats().is_some());
        array.ok_or_else(|| {
            Reason::new(format!("its {what} is not a constant of the model"), "export trained weights as initializers")
        })
    }

    /// As many numbers as there are features, from an input.
    pub fn vector(&self, node: &Node, at: usize, what: &str, width: usize) -> Result<Vec<f32>, Reason> {
        let array = self.numbers(node, at, what)?;
        let numbers = array.floats().unwrap_or_default().to_vec();
        let fits = numbers.len() == width;
        if fits { Ok(numbers) } else { Err(Reason::new(format!("its {what} has the shape {:?}", array.dims), "")) }
    }

    /// The dimensions of an input, with the batch.
    pub fn dims(&self, node: &Node, at: usize) -> Result<Vec<usize>, Reason> {
        Ok(self.graph.dims(node.needed(at)?)?.to_vec())
    }

    /// A step in another shape of as many numbers.
    pub fn shaped(&mut self, step: StepId, dims: &[usize]) -> StepId {
        if self.spec.dims(step) == dims {
            return step;
        }
        let key = (step, dims.to_vec());
        if let Some(known) = self.shaped.get(&key) {
            return *known;
        }
        let call = match dims {
            [_] => Call::new("flatten"),
            dims => Call::new("reshape").with(shape(dims)),
        };
        let shaped = self.spec.add(StepKind::Layer(call, step), dims.to_vec());
        self.shaped.insert(key, shaped);
        shaped
    }

    /// Adds a layer with tensors, named after the tensor at an input of the node, or after the node.
    pub fn layer(&mut self, node: &Node, call: Call, input: StepId, dims: Vec<usize>, tensors: Vec<Weights>) -> StepId {
        let tensor = (1..node.inputs.len()).filter_map(|at| node.input(at));
        let name = tensor.map(|id| self.graph.value(id).name.as_str()).find_map(crate::spec::module);
        let id = self.spec.add(StepKind::Layer(call, input), dims);
        let step = self.spec.step_mut(id);
        step.tensors = tensors;
        step.hint = name.or_else(|| crate::spec::module(&node.name));
        id
    }

    /// A step whose first axis is one axis of a view, the features of a norm; and the view of that step.
    pub fn features_first(&mut self, view: &View, axis: usize, dims: &[usize]) -> Result<(StepId, View), Reason> {
        let row = dims.get(1..).unwrap_or_default();
        let spec = self.spec.dims(view.step).to_vec();
        let is_first = match view.axes.get(axis) {
            Some(Axis::Of(atoms)) if atoms.is_empty() => spec.first() == Some(&1),
            Some(Axis::Of(atoms)) => atoms[..] == [0],
            Some(Axis::Batch) | None => false,
        };
        if is_first {
            return Ok((view.step, view.clone()));
        }
        if axis == 1 && view.is_in_order() {
            let step = self.shaped(view.step, row);
            return Ok((step, View::natural(step, row)));
        }
        Err(Reason::new("its features are not the first axis of a row", "export the model with channels first"))
    }
}

/// A tensor of a layer.
pub fn weights(name: &'static str, dims: &[usize], numbers: Vec<f32>) -> Weights {
    Weights { name, dims: dims.to_vec(), numbers }
}
