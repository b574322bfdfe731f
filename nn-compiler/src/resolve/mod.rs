//! Resolution: an [`Ast`] in, a [`Model`] out.
//!
//! Guarantees: every name is looked up, every default is filled in, blocks and repetitions are expanded.
//! All mistakes are reported; what depends on a mistake is skipped silently. The model then still holds what is
//! known, so that later stages check that, and [`Known`] says what is missing.

mod arguments;
mod blocks;
mod constants;
mod context;
mod data;
mod foreign;
mod freeze;
mod graph;
mod lost;
mod names;
mod train;

use crate::ast::{Ast, Call, Form, Name, Statement, StatementKind};
use crate::diagnostic::{Code, Diagnostic, Sink, code};
use crate::model::{Allowance, Budget, Expectation, Metric, Model, Quantity, Reported, Train};
use crate::span::Span;

use context::Context;
use graph::Graph;
use train::metrics;

/// A model, complete if there was no mistake.
#[derive(Debug)]
pub struct Resolved {
    /// What is known about the network: values that depend on a mistake are left out.
    pub model: Model,
    /// Which parts of it are complete.
    pub known: Known,
}

/// Which parts of a [`Model`] are complete. Checks that need an incomplete part are skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Every value of the graph.
    pub graph: bool,
    /// Every input.
    pub inputs: bool,
    /// Every `freeze`; if one has a syntax error, all values of the model are frozen.
    pub freezes: bool,
    /// Whether the network certainly has no `train`.
    pub is_untrained: bool,
    /// Every setting of `train`, if there is one; settings with a mistake have their defaults.
    pub train: bool,
    /// Every setting and row of `data`, if there is one.
    pub data: bool,
}

/// Resolves a network.
pub fn resolve(ast: &Ast, sink: &mut Sink) -> Resolved {
    let context = &mut Context::new(sink);
    let mut graph = Graph::new(ast, context);
    for statement in &ast.statements {
        graph.statement(statement, context);
    }
    let mut model = graph.finish(ast, context);
    freeze::freeze(&mut model, ast, &graph, context);
    let mut first = First::default();
    let mut known = Known {
        graph: graph.is_sound(),
        inputs: graph.knows_inputs(),
        freezes: !graph.lost().may_be(Form::Freeze),
        is_untrained: false,
        train: !graph.lost().may_be(Form::Train),
        data: !graph.lost().may_be(Form::Data),
    };
    for (index, statement) in ast.statements.iter().enumerate() {
        settings(&mut model, statement, &graph, &mut first, &mut known, context);
        if let StatementKind::Allow { lints } = &statement.kind {
            let within = allowed_within(&ast.statements, index);
            model
                .allowed
                .extend(lints.iter().filter_map(|name| lint(name, context)).map(|lint| Allowance { lint, within }));
        }
    }
    known.is_untrained = first.train.is_none() && !graph.lost().may_be(Form::Train);
    expectations(&mut model, ast, known.is_untrained, context);
    Resolved { model, known }
}

/// The first of each statement that is allowed once.
#[derive(Default)]
struct First {
    train: Option<Span>,
    data: Option<Span>,
}

/// The statements that are not part of the graph.
fn settings(
    model: &mut Model,
    statement: &Statement,
    graph: &Graph,
    first: &mut First,
    known: &mut Known,
    context: &mut Context,
) {
    match &statement.kind {
        StatementKind::Train { keyword, settings, lost } => {
            if !twice("train", *keyword, &mut first.train, context) {
                let (train, is_whole) = train::resolve(*keyword, settings, lost, model, graph, context);
                model.train = train;
                known.train &= is_whole;
            }
        }
        StatementKind::Data { keyword, items, lost } => {
            if !twice("data", *keyword, &mut first.data, context) {
                let (data, is_whole) = data::resolve(*keyword, items, lost, context);
                model.data = data;
                known.data &= is_whole;
            }
        }
        StatementKind::Assert { quantity, comparison, value } => {
            let bound = context.number(value, "a budget");
            if let (Some(quantity), Some(bound)) = (self::quantity(quantity, context), bound) {
                let (comparison, bound, span) = (*comparison, bound.as_f64(), statement.span);
                model.budgets.push(Budget { quantity, comparison, bound, span });
            }
        }
        StatementKind::Expect { .. }
        | StatementKind::Freeze { .. }
        | StatementKind::Allow { .. }
        | StatementKind::Input { .. }
        | StatementKind::Value { .. }
        | StatementKind::Output { .. }
        | StatementKind::Const { .. }
        | StatementKind::Block { .. }
        | StatementKind::Broken { .. } => {}
    }
}

/// Reports a second statement of a kind that is allowed once.
fn twice(what: &str, span: Span, first: &mut Option<Span>, context: &mut Context) -> bool {
    let Some(first) = *first else {
        *first = Some(span);
        return false;
    };
    let message = format!("a network can have only one `{what}`");
    context.push(Diagnostic::error(code::DOUBLED_STATEMENT, span, message).label(first, "first here"));
    true
}

/// The scope of the `allow` at `index`: the statement that follows it, or the whole network if it is the first
/// statement or the last. Several in a row have the same scope.
fn allowed_within(statements: &[Statement], index: usize) -> Option<Span> {
    let is_allow = |statement: &Statement| matches!(statement.kind, StatementKind::Allow { .. });
    let follows = statements[..index].iter().any(|statement| !is_allow(statement));
    let next = statements[index..].iter().find(|statement| !is_allow(statement));
    next.filter(|_| follows).map(|next| next.span)
}

fn lint(name: &Name, context: &mut Context) -> Option<Code> {
    let known = code::LINTS.iter().map(|(lint, _)| *lint);
    let written = names::look_up(&names::LINTS, &name.text, name.span, known, context)?;
    code::LINTS.iter().find(|(lint, _)| *lint == written).map(|(_, code)| *code)
}

fn quantity(call: &Call, context: &mut Context) -> Option<Quantity> {
    let written: String = match call.arguments.first() {
        None => call.name.text.clone(),
        Some(argument) => format!("{}({})", call.name.text, argument.value.word().unwrap_or("…")),
    };
    let known = Quantity::ALL.iter().map(|quantity| quantity.name());
    let name = names::look_up(&names::QUANTITIES, &written, call.span, known, context)?;
    Quantity::ALL.into_iter().find(|quantity| quantity.name() == name)
}

/// The statements `expect`. The metrics that they name are measured even if `metrics` does not list them.
fn expectations(model: &mut Model, ast: &Ast, is_untrained: bool, context: &mut Context) {
    let mut train = model.train.take();
    let (mut is_first, mut without_loss) =
        (true, train.as_ref().filter(|train| !train.has_loss()).map(|train| train.span));
    for statement in &ast.statements {
        let StatementKind::Expect { metric, comparison, value } = &statement.kind else { continue };
        let known = Metric::ALL.iter().map(|metric| metric.name()).chain(["loss"]);
        let name = names::look_up(&names::METRICS, &metric.name.text, metric.name.span, known, context);
        let bound = context.number(value, "an expectation");
        if std::mem::take(&mut is_first) && is_untrained {
            let message = "`expect` says what training must reach, but this network has no `train`";
            context.push(Diagnostic::error(code::EXPECT_WITHOUT_TRAIN, statement.span, message));
        }
        if let Some(keyword) = without_loss.take() {
            let message = "`expect` says what training must reach, but `train` has no loss";
            let diagnostic = Diagnostic::error(code::NEEDS_LOSS, statement.span, message);
            context.push(train::without_loss::with_remedy(diagnostic, keyword, "remove `expect`"));
        }
        let trained = train.as_mut().filter(|train| train.has_loss());
        let (Some(name), Some(bound), Some(train)) = (name, bound, trained) else { continue };
        let Some(metric) = expected(name, metric, train, model, context) else { continue };
        let (comparison, bound, bound_span, span) = (*comparison, bound.as_f64(), value.span, statement.span);
        model.expectations.push(Expectation { metric, comparison, bound, bound_span, span });
    }
    model.train = train;
}

/// The name of the measured metric.
fn expected(name: &str, call: &Call, train: &mut Train, model: &Model, context: &mut Context) -> Option<Reported> {
    if name != "loss" {
        let written = metrics::written(name, call, context)?;
        return metrics::measured(&written, train, model, context).map(Reported::Metric);
    }
    if let Some(argument) = call.arguments.first() {
        let message = "`loss` is the sum of all loss terms and takes no output";
        context.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message).suggest(
            "remove it",
            call.without(0),
            "",
        ));
    }
    Some(Reported::Loss)
}
