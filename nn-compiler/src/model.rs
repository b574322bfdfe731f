//! The resolved network: a graph of layers with typed ids, every default filled in.
//!
//! No name is left to look up and no setting to guess; blocks and repetitions are expanded. Spans are
//! kept so that later stages can point at the spec.

mod data;
mod targets;

pub use data::{
    ArrayFormat, Arrays, Augmentation, AugmentationKind, Data, DataSource, Images, Offset, Pair, Row, Validation,
};
pub use targets::Target;

use crate::diagnostic::Code;
use crate::layers::Layer;
use crate::span::Span;
use crate::syntax::ast::Comparison;
pub use crate::vocabulary::{Loss, Metric, Optimizer, TargetRange};

/// A value of the graph: an index into [`Model::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

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

    /// The `batch_norm` layers that take mean and variance over the batch: those before a loss that are not frozen.
    pub fn batch_norms(&self) -> impl Iterator<Item = ValueId> {
        let mut trained = vec![false; self.values.len()];
        for term in self.train.iter().flat_map(|train| &train.losses) {
            trained[term.output.0] = true;
        }
        for id in self.ids().rev() {
            if trained[id.0] {
                self.value(id).node.inputs().iter().for_each(|input| trained[input.0] = true);
            }
        }
        let is_norm = |value: &Value| matches!(&value.node, Node::Layer { layer: Layer::BatchNorm(_), .. });
        self.ids().filter(move |id| trained[id.0] && is_norm(self.value(*id)) && !self.value(*id).is_frozen)
    }

    /// The model of the values that are kept, with the ids that they have among these. What is computed from a value that
    /// is not kept is not kept either. Without `train` where that computes a loss from such a value.
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
        // The index of each output among those that are kept.
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

    /// All ids, each after those it is computed from.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = ValueId> + use<> {
        (0..self.values.len()).map(ValueId)
    }
}

/// One value of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What names it in tables and parameters: `digit.0`, or its own name where a statement binds it.
    pub label: String,
    /// How it is computed.
    pub node: Node,
    /// The token that stands for it: the layer's call, the merge, or the input's name.
    pub span: Span,
    /// The uses of blocks that it came from, the outermost first; empty outside of blocks.
    pub uses: Vec<Span>,
    /// Whether a `freeze` keeps its layer as it is.
    pub is_frozen: bool,
}

/// How a value is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// It is given.
    Input {
        /// Its dimensions, without the batch.
        shape: Vec<usize>,
    },
    /// By a layer, from one value.
    Layer {
        /// The layer.
        layer: Layer,
        /// What it is applied to.
        input: ValueId,
    },
    /// By joining values.
    Merge {
        /// How they are joined.
        merge: Merge,
        /// What is joined: two values or more.
        inputs: Vec<ValueId>,
    },
}

impl Node {
    /// The values it is computed from.
    pub fn inputs(&self) -> &[ValueId] {
        match self {
            Self::Input { .. } => &[],
            Self::Layer { input, .. } => std::slice::from_ref(input),
            Self::Merge { inputs, .. } => inputs,
        }
    }
}

/// How several values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Elementwise sum of equal shapes.
    Add,
    /// Elementwise product of equal shapes.
    Multiply,
    /// One after the other along the first dimension.
    Concat,
}

impl Merge {
    /// Every merge.
    pub const ALL: [Self; 3] = [Self::Add, Self::Multiply, Self::Concat];

    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
        }
    }
}

/// What `train { … }` says, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Train {
    /// The terms of the loss, whose weighted sum is minimised.
    pub losses: Vec<LossTerm>,
    /// The outputs that a loss is computed from, in the order of their statements: a row of targets has one for each.
    pub targets: Vec<Target>,
    /// How parameters follow gradients.
    pub optimizer: Optimizer,
    /// What is measured beside the loss.
    pub metrics: Vec<Measure>,
    /// Rows per update.
    pub batch: Batch,
    /// Where they are set; the keyword `train` where that is not written.
    pub batch_span: Span,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Seeds initialisation, splits, shuffles and dropout.
    pub seed: u64,
    /// When to stop before the last epoch.
    pub early_stopping: Option<EarlyStopping>,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Where it stands; the keyword `train` where it is not written.
    pub schedule_span: Span,
    /// What the norm of all gradients is limited to.
    pub clip_norm: Option<f64>,
    /// How many batches add up to one update.
    pub accumulate: usize,
    /// The keyword `train`.
    pub span: Span,
    /// The optimizer, or the rule.
    pub optimizer_span: Span,
}

/// One term of the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct LossTerm {
    /// The factor before it.
    pub weight: f64,
    /// The loss.
    pub loss: Loss,
    /// How much rows count by their classes, where not all count the same.
    pub class_weights: Option<ClassWeights>,
    /// The output it is computed from.
    pub output: ValueId,
    /// What it compares it with, an index of [`Train::targets`].
    pub target: usize,
    /// Where it stands.
    pub span: Span,
}

/// A weight for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassWeights {
    /// In the order of the classes.
    pub weights: Vec<f64>,
    /// The list.
    pub span: Span,
}

/// How the learning rate changes in the course of the training; definitions in the language reference.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the arguments that the reference defines")]
pub enum Schedule {
    /// Not at all.
    Constant,
    /// By a factor after so many epochs.
    Step { every: usize, factor: f64 },
    /// By a factor after each epoch.
    Exponential { rate: f64 },
    /// Along a line over so many epochs.
    Linear { to: f64, over: usize },
    /// Up in so many steps, then down along a cosine (Loshchilov & Hutter 2017).
    Cosine { warmup: usize },
    /// Up and down along cosines (Smith & Topin 2018).
    OneCycle { max_lr: f64 },
}

/// A metric of one output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The metric.
    pub metric: Metric,
    /// The output and what it is compared with, an index of [`Train::targets`].
    pub target: usize,
    /// As it is written first: `accuracy`, `accuracy(action)`.
    pub name: String,
}

/// Rows per update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All training rows: vanilla gradient descent.
    All,
    /// This many.
    Rows(usize),
}

impl Batch {
    /// How many rows a step has, as far as it is known: else more than any number.
    pub fn rows(self) -> usize {
        match self {
            Self::All => usize::MAX,
            Self::Rows(rows) => rows,
        }
    }
}

/// When to stop before the last epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyStopping {
    /// What is watched: `loss`, `val_loss`, or a metric with or without `val_`.
    pub monitor: String,
    /// How many epochs without improvement end the training.
    pub patience: usize,
    /// How much better counts as better.
    pub min_delta: f64,
    /// The setting.
    pub span: Span,
}

/// `allow(lint);`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The lint.
    pub lint: Code,
    /// The statement in which it is silenced; everywhere where this is `None`.
    pub within: Option<Span>,
}

/// `assert quantity op number;`
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// What is limited.
    pub quantity: Quantity,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub bound: f64,
    /// The whole statement.
    pub span: Span,
}

/// What a budget limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Trainable numbers.
    Params,
    /// Multiply-adds of dense layers for one row.
    Macs,
    /// Floating-point operations for one row.
    Flops,
    /// Bytes at inference, parameters included.
    Memory,
    /// Bytes while training.
    TrainingMemory,
    /// Bytes of parameters.
    Size,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 6] = [Self::Params, Self::Macs, Self::Flops, Self::Memory, Self::TrainingMemory, Self::Size];

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Macs => "macs",
            Self::Flops => "flops",
            Self::Memory => "memory",
            Self::TrainingMemory => "memory(train)",
            Self::Size => "size",
        }
    }
}

/// `expect metric op number;`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// `loss` or the name of a [`Measure`].
    pub metric: String,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what.
    pub bound: f64,
    /// Where that is written.
    pub bound_span: Span,
    /// The whole statement.
    pub span: Span,
}

impl Comparison {
    /// Whether `left op right` holds.
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "==",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }
}
