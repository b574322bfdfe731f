//! The graph as lints walk it: who reads a value, and what a layer does to one.

use crate::layers::{Effect, Layer};
use crate::model::{Model, Node, ValueId};
use crate::shape::{Shape, Shapes};
use crate::span::Span;

/// What a layer does to its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linearity {
    /// It sums the features, each with a weight.
    Weighs,
    /// In a trained network it moves, scales or shifts each feature separately.
    Affine,
    /// Anything else.
    Bends,
}

/// A resolved network with its readers.
pub struct Network<'a> {
    /// The text of the spec.
    pub text: &'a str,
    /// The graph.
    pub model: &'a Model,
    shapes: &'a Shapes,
    readers: Vec<Vec<ValueId>>,
    /// Whether a layer that weighs features comes after each value.
    weighed_later: Vec<bool>,
}

impl<'a> Network<'a> {
    /// The network of a spec.
    pub fn new(text: &'a str, model: &'a Model, shapes: &'a Shapes) -> Self {
        let mut readers = vec![Vec::new(); model.values.len()];
        for id in model.ids() {
            model.value(id).node.inputs().iter().for_each(|input| readers[input.0].push(id));
        }
        let mut network = Self { text, model, shapes, readers, weighed_later: Vec::new() };
        network.weighed_later = network.by_readers(|id, known| {
            network
                .readers(id)
                .iter()
                .any(|reader| network.linearity(*reader) == Some(Linearity::Weighs) || known[reader.0])
        });
        network
    }

    /// A property of each value that follows from that of its readers, which is known by then.
    pub fn by_readers(&self, holds: impl Fn(ValueId, &[bool]) -> bool) -> Vec<bool> {
        let mut known = vec![false; self.model.values.len()];
        for id in self.model.ids().rev() {
            known[id.0] = holds(id, &known);
        }
        known
    }

    /// The layers in order, each after those it reads from.
    pub fn layers(&self) -> impl Iterator<Item = (ValueId, &'a Layer)> {
        self.model.ids().filter_map(|id| self.layer(id).map(|layer| (id, layer)))
    }

    /// The layer that computes a value; `None` for inputs and merges.
    pub fn layer(&self, id: ValueId) -> Option<&'a Layer> {
        match &self.model.value(id).node {
            Node::Layer { layer, .. } => Some(layer),
            Node::Input { .. } | Node::Merge { .. } => None,
        }
    }

    /// What a layer does; `None` for inputs and merges.
    pub fn linearity(&self, id: ValueId) -> Option<Linearity> {
        self.effect(id).map(|effect| match effect {
            Effect::Weighs { .. } => Linearity::Weighs,
            Effect::Passes { .. } | Effect::Scales { .. } | Effect::Standardizes => Linearity::Affine,
            Effect::LooksUp { .. }
            | Effect::NormalizesRow
            | Effect::Pools { .. }
            | Effect::Bends(_)
            | Effect::LearnsSlope
            | Effect::Shares { .. } => Linearity::Bends,
        })
    }

    /// What a layer does to its input; `None` for inputs and merges.
    pub fn effect(&self, id: ValueId) -> Option<Effect> {
        self.layer(id).map(|layer| layer.rule().effect())
    }

    /// What a layer is applied to; `None` for inputs and merges.
    pub fn before(&self, id: ValueId) -> Option<ValueId> {
        match &self.model.value(id).node {
            Node::Layer { input, .. } => Some(*input),
            Node::Input { .. } | Node::Merge { .. } => None,
        }
    }

    /// The layers before a value, the nearest first, up to a merge or an input.
    pub fn chain_before(&self, id: ValueId) -> impl Iterator<Item = ValueId> + '_ {
        let layer_before = |id: ValueId| self.before(id).filter(|before| self.layer(*before).is_some());
        std::iter::successors(layer_before(id), move |id| layer_before(*id))
    }

    /// What is computed from a value.
    pub fn readers(&self, id: ValueId) -> &[ValueId] {
        &self.readers[id.0]
    }

    /// Whether the network returns a value.
    pub fn is_output(&self, id: ValueId) -> bool {
        self.model.outputs.contains(&id)
    }

    /// Whether a layer that weighs features comes after a value.
    pub fn is_weighed_later(&self, id: ValueId) -> bool {
        self.weighed_later[id.0]
    }

    /// The shape of a value.
    pub fn shape(&self, id: ValueId) -> &'a Shape {
        self.shapes.of(id)
    }

    /// The token of a value.
    pub fn span(&self, id: ValueId) -> Span {
        self.model.value(id).span
    }

    /// Whether a value comes from a block.
    pub fn is_in_block(&self, id: ValueId) -> bool {
        !self.model.value(id).uses.is_empty()
    }

    /// The token to show for a value beside another one: its own in the same use of a block, else the use
    /// that the other is not part of.
    pub fn place(&self, id: ValueId, near: ValueId) -> Span {
        let (value, near) = (self.model.value(id), self.model.value(near));
        let common = value.uses.iter().zip(&near.uses).take_while(|(a, b)| a == b).count();
        value.uses.get(common).copied().unwrap_or(value.span)
    }
}
