//! Uses of blocks: a block is expanded where it is used.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::Scope;
use super::{Graph, MOST_VALUES, bound_twice};
use crate::ast::{BlockBody, Call, Chain, Lost, Name};
use crate::diagnostic::{Diagnostic, code};
use crate::model::ValueId;
use crate::resolve::blocks;
use crate::resolve::context::Context;
use crate::span::Span;
use crate::syntax::MAX_DEPTH;

impl<'a> Graph<'a> {
    pub(super) fn expand(
        &mut self,
        input: Option<ValueId>,
        call: &Call,
        scope: &mut Scope,
        context: &mut Context,
    ) -> Option<ValueId> {
        let name = call.name.text.as_str();
        let block = self.blocks.get_mut(name)?;
        block.used = true;
        let (block_name, params, body) = (block.name, block.params, block.body);
        if scope.stack.iter().any(|(outer, _)| outer == name) {
            let message = format!("block `{name}` uses itself");
            context.push(
                Diagnostic::error(code::RECURSION, call.span, message)
                    .label(block_name.span, "this block")
                    .note("blocks are expanded where they are used; use `* n` to repeat a layer"),
            );
            return None;
        }
        if scope.stack.len() >= MAX_DEPTH {
            // Blocks that are not reached do not count as unused.
            self.is_lost = true;
            let message = format!("blocks are nested deeper than {MAX_DEPTH} levels");
            context.push(Diagnostic::error(code::TOO_DEEP, call.span, message));
            return None;
        }
        // Without an input no value is created, so their number does not stop exponential growth.
        self.expansions += 1;
        if self.expansions > MOST_VALUES {
            return self.too_many(call.span, context);
        }
        let constants = blocks::bind(call, params, context)?;
        let outside = std::mem::replace(&mut context.constants, constants);
        let reported = context.sink.count();
        scope.stack.push((name.to_owned(), call.span));
        let mut inner = Scope {
            locals: BTreeMap::from([("in".to_owned(), input)]),
            used: BTreeSet::new(),
            later: BTreeMap::new(),
            owner: scope.owner.clone(),
            counter: &mut *scope.counter,
            stack: std::mem::take(&mut scope.stack),
        };
        let value = match body {
            BlockBody::Chain(chain) => {
                let start = match &chain.source {
                    None => input,
                    Some(source) => self.source(source, &mut inner, context),
                };
                self.links(start, chain, &mut inner, context)
            }
            BlockBody::Graph { bindings, lost } => self.block_graph(block_name, bindings, lost, &mut inner, context),
        };
        if !params.is_empty() {
            context.sink.label_arguments_since(reported, call.span, &format!("in this use of `{name}`"));
        }
        scope.stack = inner.stack;
        scope.stack.pop();
        context.constants = outside;
        value
    }

    fn block_graph(
        &mut self,
        block: &Name,
        statements: &'a [(Name, Chain)],
        lost: &[Lost],
        scope: &mut Scope,
        context: &mut Context,
    ) -> Option<ValueId> {
        // A name in a statement with a syntax error is unknown.
        scope.locals.extend(lost.iter().flat_map(|lost| &lost.names).map(|name| (name.clone(), None)));
        for (name, _) in statements.iter().rev() {
            scope.locals.remove(&name.text);
            scope.later.insert(name.text.clone(), name.span);
        }
        let mut bound: BTreeMap<&str, Span> = BTreeMap::new();
        for (name, chain) in statements {
            if let Some(first) = bound.get(name.text.as_str()) {
                context.push(bound_twice(name, *first));
                self.is_lost = true;
                continue;
            }
            bound.insert(&name.text, name.span);
            let start = chain.source.as_ref().and_then(|source| self.source(source, scope, context));
            let value = self.links(start, chain, scope, context);
            scope.later.remove(&name.text);
            scope.locals.insert(name.text.clone(), value);
        }
        if !self.is_lost && !scope.used.contains("in") {
            let message = format!("block `{}` never uses `in`, the value that it is applied to", block.text);
            let diagnostic = Diagnostic::error(code::UNUSED_VALUE, block.span, message);
            context.push(diagnostic.note("start a chain of the block from `in`"));
        }
        for (name, _) in statements.iter().filter(|(name, _)| name.text != "out" && !scope.used.contains(&name.text)) {
            if !self.is_lost {
                let diagnostic =
                    Diagnostic::error(code::UNUSED_VALUE, name.span, format!("`{}` is never used", name.text));
                context.push(diagnostic.note("a block returns only `out`; remove this value"));
            }
        }
        scope.locals.get("out").copied().flatten()
    }
}
