//! Chains to values: what names mean, and which layers are applied.

use std::collections::{BTreeMap, BTreeSet};

use super::{Graph, MOST_VALUES};
use crate::ast::{Call, Chain, Form, Name, Source};
use crate::diagnostic::{Diagnostic, code, nearest};
use crate::layers::{self, Layer};
use crate::model::{Merge, Node, ValueId};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::resolve::foreign;
use crate::resolve::lost::Binds;
use crate::resolve::names;
use crate::span::Span;

/// The most values that can be joined at once.
const MOST_MERGED: usize = 256;

/// The context of a chain: what names mean there, and how its layers are named.
pub(super) struct Scope<'s> {
    /// Values of a graph block by name, `in` included.
    pub(super) locals: BTreeMap<String, Option<ValueId>>,
    /// The ones that are used.
    pub(super) used: BTreeSet<String>,
    /// Names of the graph block that are defined further down.
    pub(super) later: BTreeMap<String, Span>,
    /// The value that a statement binds, which names the layers.
    pub(super) owner: String,
    /// How many layers with tensors it has.
    pub(super) counter: &'s mut usize,
    /// The blocks being expanded, each with its use.
    pub(super) stack: Vec<(String, Span)>,
}

impl<'a> Graph<'a> {
    pub(super) fn named_chain(&mut self, name: &Name, chain: &'a Chain, context: &mut Context) -> Option<ValueId> {
        let mut scope = Scope {
            locals: BTreeMap::new(),
            used: BTreeSet::new(),
            later: BTreeMap::new(),
            owner: name.text.clone(),
            counter: &mut 0,
            stack: Vec::new(),
        };
        let value = chain.source.as_ref().and_then(|source| self.source(source, &mut scope, context));
        self.links(value, chain, &mut scope, context)
    }

    /// The value that a chain starts from.
    pub(super) fn source(&mut self, source: &'a Source, scope: &mut Scope, context: &mut Context) -> Option<ValueId> {
        match source {
            Source::Name(name) => self.lookup(name, scope, context),
            Source::Merge { name, arguments, span } => {
                let values: Vec<_> = arguments.iter().map(|argument| self.source(argument, scope, context)).collect();
                let Some(merge) = self.merge(source, name, context) else {
                    self.is_lost = true;
                    return None;
                };
                let most = if merge == Merge::Multiply { 2 } else { MOST_MERGED };
                if values.len() < 2 || values.len() > most {
                    let wanted = match (most, values.len()) {
                        (2, _) => "two values".to_owned(),
                        (_, 0..2) => "at least two values".to_owned(),
                        (most, _) => format!("at most {most} values"),
                    };
                    let message = format!("`{}` joins {wanted}, but here it gets {}", name.text, values.len());
                    context.push(Diagnostic::error(code::MERGE_ARITY, *span, message));
                    return None;
                }
                let inputs = values.into_iter().collect::<Option<Vec<_>>>()?;
                Some(self.add(scope.owner.clone(), Node::Merge { merge, inputs }, *span, &scope.stack))
            }
        }
    }

    fn merge(&self, source: &Source, name: &Name, context: &mut Context) -> Option<Merge> {
        if let Some(foreign) = foreign::sequence(name) {
            context.push(foreign);
            return None;
        }
        if self.is_layer(&name.text) {
            context.push(foreign::applied(source).unwrap_or_else(|| no_source(name)));
            return None;
        }
        let mut known = Merge::ALL.iter().map(|merge| merge.name());
        if !known.any(|merge| merge == name.text) && self.lost.may_bind(&name.text, Binds::Block) {
            return None;
        }
        let known = Merge::ALL.iter().map(|merge| merge.name());
        let name = names::look_up(&names::MERGES, &name.text, name.span, known, context)?;
        Merge::ALL.into_iter().find(|merge| merge.name() == name)
    }

    pub(super) fn is_layer(&self, name: &str) -> bool {
        layers::signatures().any(|signature| signature.name == name) || self.blocks.contains_key(name)
    }

    fn lookup(&mut self, name: &Name, scope: &mut Scope, context: &mut Context) -> Option<ValueId> {
        if let Some(value) = scope.locals.get(&name.text) {
            scope.used.insert(name.text.clone());
            return *value;
        }
        if let Some(bound) = scope.later.get(&name.text) {
            context.push(used_before_bound(name, *bound));
            // A name that is defined further down may seem to be unused.
            self.is_lost = true;
            return None;
        }
        if let Some(binding) = self.bindings.get_mut(name.text.as_str()) {
            binding.used = true;
            if !binding.reached {
                context.push(used_before_bound(name, binding.span));
            }
            return binding.value;
        }
        self.is_lost = true;
        if self.is_layer(&name.text) {
            context.push(no_source(name));
        } else if self.has_input && !self.lost.may_bind(&name.text, Binds::Value) {
            // Without an input no value exists, which is reported once.
            let is_full = context.sink.is_full();
            context.push(self.unknown_value(name, is_full));
        }
        None
    }

    fn unknown_value(&self, name: &Name, is_full: bool) -> Diagnostic {
        let diagnostic =
            Diagnostic::error(code::UNKNOWN_VALUE, name.span, format!("there is no value `{}`", name.text));
        if name.text == "in" {
            return diagnostic.note("`in` is the value that a block is applied to; it has no meaning outside a block");
        }
        if is_full {
            return diagnostic;
        }
        let known = self.bindings.iter().filter(|(_, binding)| binding.reached).map(|(name, _)| *name);
        if let Some(near) = nearest(&name.text, known.clone().chain(self.lost.names())) {
            return diagnostic.mean(format!("did you mean `{}`?", near.name), name.span, Some(near.guessed()));
        }
        match names::listed(known) {
            known if known.is_empty() => diagnostic,
            known => diagnostic.note(format!("values above this line are {known}")),
        }
    }

    /// Applies the layers of a chain. A mistake in one does not hide those in the next.
    pub(super) fn links(
        &mut self,
        start: Option<ValueId>,
        chain: &'a Chain,
        scope: &mut Scope,
        context: &mut Context,
    ) -> Option<ValueId> {
        let mut value = start;
        for link in &chain.links {
            let times = match &link.times {
                Some(times) => context.size(times, "the number of repetitions"),
                None => Some(1),
            };
            let reported = context.sink.count();
            for _ in 0..times.unwrap_or(1) {
                if self.values.len() >= MOST_VALUES {
                    return self.too_many(link.span, context);
                }
                value = self.call(value, &link.call, scope, context);
                if value.is_none() {
                    break;
                }
            }
            if link.times.is_some() {
                // An insertion after a layer would come between it and its `* n`.
                context.sink.doubt_insertions_since(reported, link.call.span.after());
            }
            value = value.filter(|_| times.is_some());
        }
        value
    }

    pub(super) fn too_many(&mut self, span: Span, context: &mut Context) -> Option<ValueId> {
        self.is_lost = true;
        if !std::mem::replace(&mut self.is_full, true) {
            let message = format!("the network has more than {MOST_VALUES} layers");
            context.push(Diagnostic::error(code::BAD_REPEAT, span, message));
        }
        None
    }

    /// Applies a layer or block. Without an input its arguments are checked all the same.
    fn call(
        &mut self,
        input: Option<ValueId>,
        call: &Call,
        scope: &mut Scope,
        context: &mut Context,
    ) -> Option<ValueId> {
        let Some(name) = self.layer(call, scope, context) else {
            self.is_lost = true;
            return None;
        };
        let Some(signature) = layers::signatures().find(|signature| signature.name == name) else {
            return self.expand(input, &call.renamed(name), scope, context);
        };
        let bound = arguments::bind(&call.renamed(name), signature.arguments, context)?;
        let layer = (signature.make)(&bound);
        let label = label_of(&layer, scope);
        Some(self.add(label, Node::Layer { layer, input: input? }, call.span, &scope.stack))
    }

    /// The layer or block that a call means; reported if it is misspelt or does not exist.
    fn layer(&self, call: &Call, scope: &Scope, context: &mut Context) -> Option<&'a str> {
        let name = &call.name;
        // PyTorch's `linear(64)`; ours is the identity and takes no arguments.
        let is_torch_linear = name.text == "linear" && !call.arguments.is_empty();
        let signature = layers::signatures().find(|signature| signature.name == name.text && !is_torch_linear);
        let block = self.blocks.get_key_value(name.text.as_str()).map(|(block, _)| *block);
        if let Some(known) = signature.map(|signature| signature.name).or(block) {
            return Some(known);
        }
        if self.bindings.contains_key(name.text.as_str()) || scope.locals.contains_key(&name.text) {
            let message = format!("`{}` is a value, but `->` must be followed by a layer", name.text);
            let note =
                format!("values are joined with `add(a, {0})`, `multiply(a, {0})` or `concat(a, {0})`", name.text);
            context.push(Diagnostic::error(code::UNKNOWN_LAYER, name.span, message).note(note));
            return None;
        }
        if self.lost.may_bind(&name.text, Binds::Block) {
            return None;
        }
        if let Some(foreign) = foreign::layer(call) {
            context.push(foreign);
            return None;
        }
        let blocks = self.blocks.keys().copied();
        let lost = self.lost.names().filter(|_| self.lost.may_be(Form::Block));
        let meant = names::unknown_layer(&name.text, name.span, blocks.clone().chain(lost), context)?;
        layers::signatures().map(|signature| signature.name).chain(blocks).find(|known| *known == meant)
    }
}

fn used_before_bound(name: &Name, bound: Span) -> Diagnostic {
    Diagnostic::error(code::USED_BEFORE_BOUND, name.span, format!("`{}` is used before it is defined", name.text))
        .label(bound, "defined here")
        .note("a value can only use values defined above it; a network has no cycles")
}

fn no_source(name: &Name) -> Diagnostic {
    let message = format!("a chain starts from a value, but `{}` is a layer", name.text);
    Diagnostic::error(code::NO_SOURCE, name.span, message)
        .caption("the value before this layer is missing")
        .note("write the name of an input or another value first, then `->`")
}

/// `digit.0` for a layer with tensors, otherwise the name of the value it belongs to.
fn label_of(layer: &Layer, scope: &mut Scope) -> String {
    if !layer.rule().has_parameters() {
        return scope.owner.clone();
    }
    *scope.counter += 1;
    format!("{}.{}", scope.owner, *scope.counter - 1)
}
