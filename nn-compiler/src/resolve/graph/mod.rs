//! The graph: turns statements and chains into values.

mod auto_init;
mod chains;
mod expand;
mod finish;

use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use crate::ast::{Ast, BlockBody, Expr, Form, Name, Statement, StatementKind};
use crate::diagnostic::{Diagnostic, code};
use crate::layers;
use crate::model::{Node, Value, ValueId};
use crate::resolve::constants::Constants;
use crate::resolve::context::Context;
use crate::resolve::foreign;
use crate::resolve::lost::LostNames;
use crate::span::Span;

/// The most values in a network.
const MOST_VALUES: usize = 4096;

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
        self.values.push(Value { label, node, span, uses, is_frozen: false, rate: None });
        ValueId(self.values.len() - 1)
    }
}

fn bound_twice(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(code::BOUND_TWICE, name.span, format!("`{}` is defined twice", name.text))
        .caption("choose another name")
        .label(first, "first defined here")
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
