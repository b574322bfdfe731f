//! The graph: turns statements and chains into values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use super::arguments;
use super::blocks;
use super::constants::Constants;
use super::context::Context;
use super::foreign;
use super::lost::{Binds, LostNames};
use super::names;
use crate::ast::{Ast, BlockBody, Call, Chain, Expr, Form, Lost, Name, Source, Statement, StatementKind};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, nearest};
use crate::layers::{self, Init, Layer};
use crate::model::{Merge, Model, Node, Value, ValueId};
use crate::span::Span;
use crate::syntax::MAX_DEPTH;

/// The most values in a network.
const MOST_VALUES: usize = 4096;

/// The most inputs and the most outputs of a network: as many as the tuples of a row in the runtime hold.
const MOST_OF_A_ROW: usize = 8;

/// The most values that can be joined at once.
const MOST_MERGED: usize = 256;

/// The meaning of a name of the network.
struct Binding {
    span: Span,
    /// `None` if its chain has a mistake, and before its statement is reached.
    value: Option<ValueId>,
    /// Whether its statement has been reached.
    reached: bool,
    is_output: bool,
    used: bool,
    /// The values that its statement creates.
    made: Range<usize>,
}

struct Block<'a> {
    name: &'a Name,
    params: &'a [Name],
    body: &'a BlockBody,
    used: bool,
}

/// Builds the values of a network.
pub struct Graph<'a> {
    values: Vec<Value>,
    bindings: BTreeMap<&'a str, Binding>,
    blocks: BTreeMap<&'a str, Block<'a>>,
    inputs: Vec<ValueId>,
    outputs: Vec<ValueId>,
    output_names: Vec<String>,
    /// Whether there is an input, and whether there is an output; including statements with syntax
    /// errors that may be one.
    has_input: bool,
    has_output: bool,
    /// How many outputs are declared.
    declared_outputs: usize,
    /// Whether the value of every input is known.
    knows_inputs: bool,
    /// What statements with syntax errors may bind.
    lost: Rc<LostNames>,
    /// Whether there are too many values, which is reported once.
    is_full: bool,
    /// How many uses of blocks have been expanded.
    expansions: usize,
    /// Whether a name is unknown: then a value that seems to be unused may be the intended one.
    is_lost: bool,
    sound: bool,
}

/// The context of a chain: what names mean there, and how its layers are named.
struct Scope<'s> {
    /// Values of a graph block by name, `in` included.
    locals: BTreeMap<String, Option<ValueId>>,
    /// The ones that are used.
    used: BTreeSet<String>,
    /// Names of the graph block that are defined further down.
    later: BTreeMap<String, Span>,
    /// The value that a statement binds, which names the layers.
    owner: String,
    /// How many layers with tensors it has.
    counter: &'s mut usize,
    /// The blocks being expanded, each with its use.
    stack: Vec<(String, Span)>,
}

impl<'a> Graph<'a> {
    /// Collects names, constants and blocks, so that chains can look them up.
    pub fn new(ast: &'a Ast, context: &mut Context) -> Self {
        let lost = Rc::new(LostNames::of(ast));
        let is_input = |statement: &Statement| matches!(statement.kind, StatementKind::Input { .. });
        let is_output = |statement: &&Statement| matches!(statement.kind, StatementKind::Output { .. });
        let declared_outputs = ast.statements.iter().filter(is_output).count();
        context.constants = Constants::of_statements(ast.statements.iter().filter_map(constant), Rc::clone(&lost));
        let mut graph = Self {
            values: Vec::new(),
            bindings: BTreeMap::new(),
            blocks: BTreeMap::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            output_names: Vec::new(),
            has_input: lost.may_be(Form::Input) || ast.statements.iter().any(is_input),
            has_output: lost.may_be(Form::Output) || declared_outputs > 0,
            declared_outputs,
            knows_inputs: !lost.may_be(Form::Input),
            is_full: false,
            expansions: 0,
            is_lost: lost.touches_graph(),
            sound: !lost.touches_graph(),
            lost,
        };
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for statement in &ast.statements {
            let Some((name, is_output)) = bound_name(&statement.kind) else { continue };
            if let Some(span) = first.get(name.text.as_str()) {
                context.push(bound_twice(name, *span));
                graph.sound = false;
                continue;
            }
            first.insert(&name.text, name.span);
            graph.declare(statement, name, is_output, context);
        }
        graph
    }

    fn declare(&mut self, statement: &'a Statement, name: &'a Name, is_output: bool, context: &mut Context) {
        match &statement.kind {
            StatementKind::Const { value, .. } => {
                let number = context.number(value, &format!("`{}`", name.text));
                self.sound &= number.is_some();
                context.constants.define(&name.text, number);
            }
            StatementKind::Block { params, body, .. } => {
                let is_layer = layers::signatures().any(|signature| signature.name == name.text);
                if is_layer {
                    let message = format!("`{}` is a built-in layer; a block needs another name", name.text);
                    context.push(Diagnostic::error(code::BOUND_TWICE, name.span, message));
                    self.sound = false;
                }
                self.blocks.insert(&name.text, Block { name, params, body, used: is_layer });
            }
            StatementKind::Input { .. } | StatementKind::Value { .. } | StatementKind::Output { .. } => {
                let binding =
                    Binding { span: name.span, value: None, reached: false, is_output, used: false, made: 0..0 };
                self.bindings.insert(&name.text, binding);
            }
            // They bind no name.
            StatementKind::Train { .. }
            | StatementKind::Data { .. }
            | StatementKind::Assert { .. }
            | StatementKind::Expect { .. }
            | StatementKind::Freeze { .. }
            | StatementKind::Allow { .. }
            | StatementKind::Broken { .. } => {}
        }
    }

    /// Whether the graph has no mistake.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether the value of every input is known.
    pub fn knows_inputs(&self) -> bool {
        self.knows_inputs
    }

    /// Whether the network certainly has only this output.
    pub fn has_one_output(&self) -> bool {
        self.declared_outputs == 1 && !self.lost.may_be(Form::Output)
    }

    /// What statements with syntax errors may bind.
    pub fn lost(&self) -> &LostNames {
        &self.lost
    }

    /// The names of all values.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.bindings.keys().copied()
    }

    /// The values that the statement of a name creates; `None` if it has a mistake.
    pub fn made_by(&self, name: &str) -> Option<Range<usize>> {
        self.bindings.get(name).filter(|binding| binding.value.is_some()).map(|binding| binding.made.clone())
    }

    /// Whether a block has this name.
    pub fn is_block(&self, name: &str) -> bool {
        self.blocks.contains_key(name)
    }

    /// The names of the outputs.
    pub fn output_names(&self) -> Vec<&str> {
        self.bindings.iter().filter(|(_, binding)| binding.is_output).map(|(name, _)| *name).collect()
    }

    /// Adds what a statement binds.
    pub fn statement(&mut self, statement: &'a Statement, context: &mut Context) {
        let makes_value = bound_name(&statement.kind).is_some();
        if makes_value && self.values.len() >= MOST_VALUES {
            self.sound = false;
            self.too_many(statement.span, context);
            return;
        }
        let start = self.values.len();
        match &statement.kind {
            StatementKind::Input { name, shape, shape_span } => {
                if shape.is_empty() {
                    let message = format!("input `{}` has no dimensions", name.text);
                    context.push(Diagnostic::error(code::WRONG_KIND, *shape_span, message).suggest(
                        "for a single number, write",
                        *shape_span,
                        "[1]",
                    ));
                }
                let what = format!("a dimension of `{}`", name.text);
                let sizes: Vec<_> = shape.iter().map(|size| self.dimension(size, &what, context)).collect();
                let value = sizes.into_iter().collect::<Option<Vec<_>>>().filter(|shape| !shape.is_empty());
                let value = value.map(|shape| self.add(name.text.clone(), Node::Input { shape }, name.span, &[]));
                self.inputs.extend(value);
                self.knows_inputs &= value.is_some();
                self.bind(name, value, start);
            }
            StatementKind::Value { name, chain } => {
                let value = self.named_chain(name, chain, context);
                self.bind(name, value, start);
            }
            StatementKind::Output { name, chain } => {
                let value = self.named_chain(name, chain, context);
                // A new name for an input or another output is a separate output: the plan copies it.
                self.outputs.extend(value);
                self.output_names.extend(value.map(|_| name.text.clone()));
                self.bind(name, value, start);
            }
            StatementKind::Block { .. }
            | StatementKind::Const { .. }
            | StatementKind::Train { .. }
            | StatementKind::Data { .. }
            | StatementKind::Assert { .. }
            | StatementKind::Expect { .. }
            | StatementKind::Freeze { .. }
            | StatementKind::Allow { .. }
            | StatementKind::Broken { .. } => {}
        }
    }

    fn dimension(&self, size: &Expr, what: &str, context: &mut Context) -> Option<usize> {
        match foreign::dimension(size, &context.constants) {
            Some(foreign) => {
                context.push(foreign);
                None
            }
            None => context.size(size, what),
        }
    }

    fn bind(&mut self, name: &Name, value: Option<ValueId>, start: usize) {
        let made = start..self.values.len();
        self.sound &= value.is_some();
        if let Some(binding) = self.bindings.get_mut(name.text.as_str()).filter(|binding| binding.span == name.span) {
            binding.value = value;
            binding.reached = true;
            binding.made = made;
        }
    }

    fn add(&mut self, label: String, node: Node, span: Span, stack: &[(String, Span)]) -> ValueId {
        let uses = stack.iter().map(|(_, span)| *span).collect();
        self.values.push(Value { label, node, span, uses, is_frozen: false });
        ValueId(self.values.len() - 1)
    }

    fn named_chain(&mut self, name: &Name, chain: &'a Chain, context: &mut Context) -> Option<ValueId> {
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
    fn source(&mut self, source: &'a Source, scope: &mut Scope, context: &mut Context) -> Option<ValueId> {
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

    fn is_layer(&self, name: &str) -> bool {
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
    fn links(
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

    fn too_many(&mut self, span: Span, context: &mut Context) -> Option<ValueId> {
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

    fn expand(
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

    /// Reports values and blocks that nothing uses; without an output, no value can be used.
    fn unused(&self, has_output: bool, context: &mut Context) {
        for (name, binding) in
            self.bindings.iter().filter(|(_, binding)| has_output && !binding.used && !binding.is_output)
        {
            let message = format!("`{name}` is never used");
            let diagnostic = Diagnostic::error(code::UNUSED_VALUE, binding.span, message);
            context.push(diagnostic.note("remove it, or write `output` before it to return it"));
        }
        for (name, block) in self.blocks.iter().filter(|(_, block)| !block.used) {
            context.push(Diagnostic::error(
                code::UNUSED_BLOCK,
                block.name.span,
                format!("block `{name}` is never used"),
            ));
        }
    }

    /// Reports the first surplus input and the first surplus output.
    fn too_wide(&self, ast: &Ast, context: &mut Context) {
        let is_input: fn(&StatementKind) -> bool = |kind| matches!(kind, StatementKind::Input { .. });
        let is_output: fn(&StatementKind) -> bool = |kind| matches!(kind, StatementKind::Output { .. });
        for (what, is_of_kind) in [("inputs", is_input), ("outputs", is_output)] {
            let mut all = ast.statements.iter().filter(|statement| is_of_kind(&statement.kind));
            if let Some(surplus) = all.nth(MOST_OF_A_ROW) {
                let message = format!("a network can have at most {MOST_OF_A_ROW} {what}");
                context.push(
                    Diagnostic::error(code::TOO_MANY_ROWS, surplus.span, message)
                        .note("combine numbers into one value: `[9]` instead of nine times `[1]`"),
                );
            }
        }
    }

    /// What a network without an output could return: the last value, unless the statement after it was lost.
    fn no_output(&self, ast: &Ast) -> Diagnostic {
        let message = format!("{} has no output", named(ast));
        let diagnostic = Diagnostic::error(code::NO_OUTPUT, ast.name.span, message);
        let mut values = ast.statements.iter().rev().filter_map(|statement| match &statement.kind {
            StatementKind::Value { .. } => Some(statement.span),
            StatementKind::Input { .. }
            | StatementKind::Output { .. }
            | StatementKind::Const { .. }
            | StatementKind::Block { .. }
            | StatementKind::Train { .. }
            | StatementKind::Data { .. }
            | StatementKind::Assert { .. }
            | StatementKind::Expect { .. }
            | StatementKind::Freeze { .. }
            | StatementKind::Allow { .. }
            | StatementKind::Broken { .. } => None,
        });
        match values.next() {
            Some(last) => diagnostic.suggest("to return the last value, write", last.before(), "output "),
            None => diagnostic.note("add one, such as `output y = x -> dense(1);`"),
        }
    }

    /// Checks what is known only at the end, and returns the model without its settings.
    pub fn finish(&mut self, ast: &Ast, context: &mut Context) -> Model {
        if !self.is_lost {
            self.unused(self.has_output, context);
        }
        if !self.has_input {
            let message = format!("{} has no input", named(ast));
            context.push(
                Diagnostic::error(code::NO_INPUT, ast.name.span, message).note("add one, such as `input x: [2];`"),
            );
        }
        if !self.has_output {
            context.push(self.no_output(ast));
        }
        self.too_wide(ast, context);
        self.sound &= self.has_input && self.has_output;
        resolve_auto(&mut self.values);
        Model {
            name: ast.name.text.clone(),
            docs: ast.docs.clone(),
            values: std::mem::take(&mut self.values),
            inputs: std::mem::take(&mut self.inputs),
            outputs: std::mem::take(&mut self.outputs),
            output_names: std::mem::take(&mut self.output_names),
            train: None,
            data: None,
            budgets: Vec::new(),
            expectations: Vec::new(),
            freezes: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

/// The network with its name, or without if its head has a syntax error.
fn named(ast: &Ast) -> String {
    match ast.name.text.as_str() {
        "" => "the network".to_owned(),
        name => format!("network `{name}`"),
    }
}

fn bound_twice(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(code::BOUND_TWICE, name.span, format!("`{}` is defined twice", name.text))
        .caption("choose another name")
        .label(first, "first defined here")
}

fn used_before_bound(name: &Name, bound: Span) -> Diagnostic {
    Diagnostic::error(code::USED_BEFORE_BOUND, name.span, format!("`{}` is used before it is defined", name.text))
        .label(bound, "defined here")
        .note("a value can only use values defined above it; a network has no cycles")
}

fn constant(statement: &Statement) -> Option<(String, Span)> {
    let StatementKind::Const { name, .. } = &statement.kind else { return None };
    Some((name.text.clone(), name.span))
}

fn bound_name(kind: &StatementKind) -> Option<(&Name, bool)> {
    match kind {
        StatementKind::Input { name, .. }
        | StatementKind::Value { name, .. }
        | StatementKind::Const { name, .. }
        | StatementKind::Block { name, .. } => Some((name, false)),
        StatementKind::Output { name, .. } => Some((name, true)),
        StatementKind::Train { .. }
        | StatementKind::Data { .. }
        | StatementKind::Assert { .. }
        | StatementKind::Expect { .. }
        | StatementKind::Freeze { .. }
        | StatementKind::Allow { .. }
        | StatementKind::Broken { .. } => None,
    }
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

/// `init: auto` becomes what suits the first layer that reads the value and decides it.
fn resolve_auto(values: &mut [Value]) {
    let suited = suited_init(values);
    for (value, suited) in values.iter_mut().zip(suited) {
        if let Node::Layer { layer, .. } = &mut value.node
            && let Some(weights) = layer.rule_mut().weights_mut()
            && weights.init == Init::Auto
        {
            weights.init = suited;
        }
    }
}

/// For each value, what `init: auto` of its weights becomes: Glorot uniform where no layer reads it.
fn suited_init(values: &[Value]) -> Vec<Init> {
    let mut suited = vec![Init::GlorotUniform; values.len()];
    // Readers come after what they read, so all readers of a value are visited before it, the first one last.
    for index in (0..values.len()).rev() {
        let Node::Layer { layer, input } = &values[index].node else { continue };
        suited[input.0] = layer.rule().auto_init().unwrap_or(suited[index]);
    }
    suited
}
