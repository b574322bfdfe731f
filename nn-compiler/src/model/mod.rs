//! The resolved network: a graph of layers with typed ids, every default filled in.
//!
//! All names are looked up, all settings are known, and blocks and repetitions are expanded. Spans are
//! kept so that later stages can point at the spec.

mod checks;
mod data;
mod graph;
mod train;

pub use checks::{Allowance, Budget, Expectation, Quantity};
pub use data::{
    ArrayFormat, Arrays, Augmentation, AugmentationKind, Data, DataSource, Images, Offset, Pair, Row, Validation,
};
pub use graph::{Merge, Node, Value, ValueId};
pub use train::{
    BatchSize, ClassWeights, EarlyStopping, LossTerm, Measure, Monitor, Rate, Reported, Schedule, Target, Train,
};

use crate::span::Span;
pub use crate::vocabulary::{Loss, Metric, Optimizer, TargetRange};

/// A resolved network.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network's name.
    pub name: String,
    /// The lines of its doc comment.
    pub docs: Vec<String>,
    /// Every value, each after the values it is computed from.
    pub values: Vec<Value>,
    /// The inputs, in the order of their statements.
    pub inputs: Vec<ValueId>,
    /// The outputs, in the order of their statements.
    pub outputs: Vec<ValueId>,
    /// The names of the outputs.
    pub output_names: Vec<String>,
    /// How it is trained, if it is.
    pub train: Option<Train>,
    /// Where `nn train` finds its examples.
    pub data: Option<Data>,
    /// Budgets that fail the build.
    pub budgets: Vec<Budget>,
    /// What training must reach.
    pub expectations: Vec<Expectation>,
    /// Where values are frozen.
    pub freezes: Vec<Span>,
    /// The lints that are silenced.
    pub allowed: Vec<Allowance>,
}

impl Model {
    /// A value by its id.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    /// The name of an output, by its index.
    pub fn output_name(&self, target: &Target) -> &str {
        &self.output_names[target.index]
    }

    /// The `batch_norm` layers that compute mean and variance over the batch: those before a loss (before an output, if there is
    /// no loss) that are not frozen.
    pub fn batch_norms(&self) -> impl Iterator<Item = ValueId> {
        let mut trained = vec![false; self.values.len()];
        if let Some(train) = &self.train {
            match train.has_loss() {
                true => train.losses.iter().for_each(|term| trained[term.output.0] = true),
                false => self.outputs.iter().for_each(|output| trained[output.0] = true),
            }
        }
        for id in self.ids().rev() {
            if trained[id.0] {
                self.value(id).node.inputs().iter().for_each(|input| trained[input.0] = true);
            }
        }
        self.ids().filter(move |id| {
            let value = self.value(*id);
            let needs_batch = match &value.node {
                Node::Layer { layer, .. } => layer.rule().needs_batch(),
                Node::Input { .. } | Node::Merge { .. } => false,
            };
            trained[id.0] && needs_batch && !value.is_frozen
        })
    }

    /// The model with only the values to keep, which get new ids. A value that is computed from a dropped value is
    /// dropped too. `train` is dropped if it computes a loss from such a value.
    pub fn keep(mut self, is_kept: &[bool]) -> Self {
        let mut count = 0;
        let ids: Vec<Option<ValueId>> = is_kept
            .iter()
            .map(|kept| {
                count += usize::from(*kept);
                kept.then(|| ValueId(count - 1))
            })
            .collect();
        let renamed = |all: &[ValueId]| all.iter().filter_map(|id| ids[id.0]).collect::<Vec<_>>();
        // The index of each output among the kept ones.
        let places: Vec<usize> = (0..self.outputs.len()).map(|at| renamed(&self.outputs[..at]).len()).collect();
        let kept_outputs: Vec<bool> = self.outputs.iter().map(|output| is_kept[output.0]).collect();
        let mut kept = kept_outputs.iter();
        self.output_names.retain(|_| kept.next() == Some(&true));
        self.inputs = renamed(&self.inputs);
        self.outputs = renamed(&self.outputs);
        self.train = self.train.filter(|train| train.losses.iter().all(|term| is_kept[term.output.0]));
        if let Some(train) = &mut self.train {
            for term in &mut train.losses {
                term.output = ids[term.output.0].unwrap_or(term.output);
            }
            for target in &mut train.targets {
                target.output = ids[target.output.0].unwrap_or(target.output);
                target.index = places[target.index];
            }
        }
        let mut kept = is_kept.iter();
        self.values.retain(|_| kept.next() == Some(&true));
        for value in &mut self.values {
            match &mut value.node {
                Node::Input { .. } => {}
                Node::Layer { input, .. } => *input = ids[input.0].unwrap_or(*input),
                Node::Merge { inputs, .. } => *inputs = renamed(inputs),
            }
        }
        self
    }

    /// The inputs that hold token indices, each with the number of tokens.
    pub fn tokens(&self) -> impl Iterator<Item = (ValueId, usize)> {
        self.values.iter().filter_map(|value| match &value.node {
            Node::Layer { layer, input } => Some((*input, layer.rule().tokens()?)),
            Node::Input { .. } | Node::Merge { .. } => None,
        })
    }

    /// All ids, each after those it is computed from.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ValueId> + use<> {
        (0..self.values.len()).map(ValueId)
    }
}
