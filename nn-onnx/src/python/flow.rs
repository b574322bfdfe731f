//! What a model computes, as the statements of a function: chains of layers, from a value or from values that are joined.
//!
//! A chain that holds tensors, or that is long, is a module of its own (`nn.Sequential`). Short chains without tensors
//! are expressions. A statement of the spec that is one chain has the value's own name; where it has several
//! (because a block branches), they are numbered: `digit_1`, `digit_2`, …

use std::collections::BTreeMap;

use nn_compiler::Compiled;
use nn_compiler::model::{Merge, Node, ValueId};

use super::names::Names;
use super::reach::Reach;

/// A chain with more layers than this is a module, also without tensors.
const MOST_INLINE: usize = 2;

/// One statement: a chain of layers.
pub struct Step {
    /// The variable that it defines.
    pub variable: String,
    /// The value that it computes.
    pub to: ValueId,
    /// What the layers are applied to.
    pub source: Source,
    /// The layers, in order; none where values are only joined.
    pub layers: Vec<ValueId>,
    /// The attribute that holds the layers, if they are a module.
    pub module: Option<String>,
}

/// What a chain starts from.
pub enum Source {
    /// A value.
    Value(ValueId),
    /// Values that are joined.
    Merge(Merge, Vec<ValueId>),
}

/// Where the tensors of a layer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The attribute that holds the chain.
    pub module: String,
    /// The layer's place in the chain.
    pub place: usize,
}

/// The statements of a model.
pub struct Flow {
    /// In order.
    pub steps: Vec<Step>,
    /// The variables of the inputs, in order.
    pub inputs: Vec<String>,
    /// The variable of each value that has one.
    pub variables: BTreeMap<ValueId, String>,
}

impl Flow {
    /// The statements for a network; `reserved` are names that have a meaning already.
    pub fn new(compiled: &Compiled, reach: &Reach, reserved: &[&str]) -> Self {
        let groups = Groups::new(compiled, reach);
        let mut names = Names::without(reserved);
        let inputs: Vec<String> =
            compiled.model.inputs.iter().map(|id| names.give(&compiled.model.value(*id).label)).collect();
        let mut variables: BTreeMap<ValueId, String> =
            compiled.model.inputs.iter().copied().zip(inputs.iter().cloned()).collect();
        let chains = groups.chains();
        let owners: Vec<&str> = chains.iter().map(|chain| owner(compiled, chain.to())).collect();
        let is_last = |at: usize| owners[at + 1..].iter().all(|other| *other != owners[at]);
        let (mut counts, mut steps) = (BTreeMap::<&str, usize>::new(), Vec::new());
        for (at, chain) in chains.into_iter().enumerate() {
            let (owner, to) = (owners[at], chain.to());
            let count = counts.entry(owner).or_default();
            *count += 1;
            let numbered = format!("{owner}_{count}");
            let (is_last, is_only) = (is_last(at), is_last(at) && *count == 1);
            let variable = names.give(if is_last { owner } else { &numbered });
            let module = groups.is_module(&chain.layers).then(|| match is_last && !is_only {
                true => names.give(&numbered),
                false => variable.clone(),
            });
            variables.insert(to, variable.clone());
            steps.push(Step { variable, to, source: groups.source(&chain), layers: chain.layers, module });
        }
        Self { steps, inputs, variables }
    }

    /// The variable of a value that has one.
    pub fn variable(&self, id: ValueId) -> &str {
        self.variables.get(&id).map_or("", |name| name)
    }

    /// Where the tensors of each layer in a module are.
    pub fn held(&self) -> BTreeMap<ValueId, Held> {
        let mut held = BTreeMap::new();
        for step in &self.steps {
            for (place, layer) in step.layers.iter().enumerate() {
                held.extend(step.module.clone().map(|module| (*layer, Held { module, place })));
            }
        }
        held
    }
}

/// The statement of the spec that a value belongs to.
pub fn owner(compiled: &Compiled, id: ValueId) -> &str {
    let label = &compiled.model.value(id).label;
    label.split_once('.').map_or(label, |(owner, _)| owner)
}

/// Layers after a value, or after values that are joined.
struct Chain {
    merge: Option<ValueId>,
    layers: Vec<ValueId>,
}

impl Chain {
    fn to(&self) -> ValueId {
        // A chain has a merge or a layer.
        self.layers.last().or(self.merge.as_ref()).copied().unwrap_or(ValueId(0))
    }
}

/// The values that are needed, and how often each is.
struct Groups<'a> {
    compiled: &'a Compiled,
    reach: &'a Reach<'a>,
    uses: Vec<usize>,
    is_returned: Vec<bool>,
}

impl<'a> Groups<'a> {
    fn new(compiled: &'a Compiled, reach: &'a Reach<'a>) -> Self {
        let model = &compiled.model;
        let (mut uses, mut is_returned) = (vec![0; model.values.len()], vec![false; model.values.len()]);
        for (id, _) in reach.returned() {
            uses[id.0] += 1;
            is_returned[id.0] = true;
        }
        for id in model.ids().rev() {
            if uses[id.0] > 0 {
                model.value(id).node.inputs().iter().for_each(|input| uses[input.0] += 1);
            }
        }
        Self { compiled, reach, uses, is_returned }
    }

    /// The chains in an order in which each comes after those that it needs.
    fn chains(&self) -> Vec<Chain> {
        let model = &self.compiled.model;
        let mut chains: Vec<Chain> = Vec::new();
        for id in model.ids().filter(|id| self.uses[id.0] > 0) {
            match &model.value(id).node {
                Node::Input { .. } => {}
                Node::Merge { .. } => chains.push(Chain { merge: Some(id), layers: Vec::new() }),
                Node::Layer { input, .. } => {
                    let before = chains.iter_mut().find(|chain| chain.to() == *input);
                    match before.filter(|_| self.continues(*input, id)) {
                        Some(chain) => chain.layers.push(id),
                        None => chains.push(Chain { merge: None, layers: vec![id] }),
                    }
                }
            }
        }
        // A chain may begin before another and end after it.
        chains.sort_by_key(Chain::to);
        chains
    }

    /// Whether a layer belongs to the chain that ends with its input.
    fn continues(&self, input: ValueId, layer: ValueId) -> bool {
        let is_used_here_alone = self.uses[input.0] == 1 && !self.is_returned[input.0];
        is_used_here_alone && owner(self.compiled, input) == owner(self.compiled, layer)
    }

    fn source(&self, chain: &Chain) -> Source {
        let first = chain.merge.or(chain.layers.first().copied()).unwrap_or(ValueId(0));
        match &self.compiled.model.value(first).node {
            Node::Input { .. } => Source::Value(first),
            Node::Layer { input, .. } => Source::Value(*input),
            Node::Merge { merge, inputs } => Source::Merge(*merge, inputs.clone()),
        }
    }

    fn is_module(&self, layers: &[ValueId]) -> bool {
        let needs_module = |id: &ValueId| match &self.compiled.model.value(*id).node {
            // `dropout` alone does nothing at inference.
            Node::Layer { layer, .. } if layer.rule().identity().is_none() => !self.reach.rests(*id),
            Node::Layer { layer, .. } => layer.rule().has_parameters(),
            Node::Input { .. } | Node::Merge { .. } => false,
        };
        layers.len() > MOST_INLINE || layers.iter().any(needs_module)
    }
}
