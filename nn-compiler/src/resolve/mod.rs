//! Resolution: an [`Ast`] in, a [`Model`] out.
//!
//! Guarantees: every name is looked up, every default is filled in, blocks and repetitions are expanded.
//! All mistakes are reported; what depends on a mistake is skipped in silence.

pub mod arguments;
mod blocks;
pub mod constants;
mod data;
mod foreign;
mod freeze;
mod graph;
mod names;
mod train;

use crate::diagnostic::code;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::model::{Allowance, Budget, Expectation, Metric, Model, Quantity, Train};
use crate::span::Span;
use crate::syntax::ast::{Ast, Call, Name, Statement, StatementKind};

use graph::Graph;
use train::metrics;

/// Resolves a network; `None` where its graph could not be built.
pub fn resolve(ast: &Ast, sink: &mut Sink) -> Option<Model> {
    let mut graph = Graph::new(ast, sink);
    for statement in &ast.statements {
        graph.statement(statement, sink);
    }
    let mut model = graph.finish(ast, sink);
    freeze::freeze(&mut model, ast, &graph, sink);
    let mut first = First::default();
    for (index, statement) in ast.statements.iter().enumerate() {
        settings(&mut model, statement, &graph, &mut first, sink);
        if let StatementKind::Allow { lints } = &statement.kind {
            let within = allowed_within(&ast.statements, index);
            model
                .allowed
                .extend(lints.iter().filter_map(|name| lint(name, sink)).map(|lint| Allowance { lint, within }));
        }
    }
    expectations(&mut model, ast, &graph, first.train.is_some(), sink);
    graph.is_sound().then_some(model)
}

/// Where statements stand that may stand once.
#[derive(Default)]
struct First {
    train: Option<Span>,
    data: Option<Span>,
}

/// The statements that are not part of the graph.
fn settings(model: &mut Model, statement: &Statement, graph: &Graph, first: &mut First, sink: &mut Sink) {
    match &statement.kind {
        StatementKind::Train { keyword, settings } => {
            if !twice("train", *keyword, &mut first.train, sink) {
                model.train = train::resolve(*keyword, settings, model, graph, sink);
            }
        }
        StatementKind::Data { keyword, items } => {
            if !twice("data", *keyword, &mut first.data, sink) {
                model.data = data::resolve(*keyword, items, graph.constants(), sink);
            }
        }
        StatementKind::Assert { quantity, comparison, value } => {
            let bound = graph.constants().number(value, "a budget", sink);
            if let (Some(quantity), Some(bound)) = (self::quantity(quantity, sink), bound) {
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
        | StatementKind::Block { .. } => {}
    }
}

/// Reports a statement that may stand once and stands again.
fn twice(what: &str, span: Span, first: &mut Option<Span>, sink: &mut Sink) -> bool {
    let Some(first) = *first else {
        *first = Some(span);
        return false;
    };
    let message = format!("a network has one `{what}`, and this is another");
    sink.push(Diagnostic::error(code::DOUBLED_STATEMENT, span, message).label(first, "first here"));
    true
}

/// What the `allow` at `index` speaks of: the statement that follows it; the whole network where it is the
/// first statement or the last. Several in a row speak of the same.
fn allowed_within(statements: &[Statement], index: usize) -> Option<Span> {
    let is_allow = |statement: &Statement| matches!(statement.kind, StatementKind::Allow { .. });
    let follows = statements[..index].iter().any(|statement| !is_allow(statement));
    let next = statements[index..].iter().find(|statement| !is_allow(statement));
    next.filter(|_| follows).map(|next| next.span)
}

fn lint(name: &Name, sink: &mut Sink) -> Option<Code> {
    let known = code::LINTS.iter().map(|(lint, _)| *lint);
    let written = names::look_up(&names::LINTS, &name.text, name.span, known, sink)?;
    code::LINTS.iter().find(|(lint, _)| *lint == written).map(|(_, code)| *code)
}

fn quantity(call: &Call, sink: &mut Sink) -> Option<Quantity> {
    let written: String = match call.arguments.first() {
        None => call.name.text.clone(),
        Some(argument) => format!("{}({})", call.name.text, names::word(&argument.value).unwrap_or("…")),
    };
    let known = Quantity::ALL.iter().map(|quantity| quantity.name());
    let name = names::look_up(&names::QUANTITIES, &written, call.span, known, sink)?;
    Quantity::ALL.into_iter().find(|quantity| quantity.name() == name)
}

/// The statements `expect`. What they name is measured, also where `metrics` does not name it.
fn expectations(model: &mut Model, ast: &Ast, graph: &Graph, has_train: bool, sink: &mut Sink) {
    let mut train = model.train.take();
    let mut is_first = true;
    for statement in &ast.statements {
        let StatementKind::Expect { metric, comparison, value } = &statement.kind else { continue };
        let known = Metric::ALL.iter().map(|metric| metric.name()).chain(["loss"]);
        let name = names::look_up(&names::METRICS, &metric.name.text, metric.name.span, known, sink);
        let bound = graph.constants().number(value, "an expectation", sink);
        if std::mem::take(&mut is_first) && !has_train {
            let message = "`expect` says what training must reach, but this network has no `train`";
            sink.push(Diagnostic::error(code::EXPECT_WITHOUT_TRAIN, statement.span, message));
        }
        let (Some(name), Some(bound), Some(train)) = (name, bound, &mut train) else { continue };
        let Some(metric) = expected(name, metric, train, model, sink) else { continue };
        let (comparison, bound, span) = (*comparison, bound.as_f64(), statement.span);
        model.expectations.push(Expectation { metric, comparison, bound, span });
    }
    model.train = train;
}

/// The name of what is measured.
fn expected(name: &str, call: &Call, train: &mut Train, model: &Model, sink: &mut Sink) -> Option<String> {
    if name != "loss" {
        let written = metrics::written(name, call, sink)?;
        return metrics::measured(&written, train, model, sink).map(|measure| train.metrics[measure].name.clone());
    }
    if let Some(argument) = call.arguments.first() {
        let message = "`loss` is the sum of all terms, and takes no output";
        sink.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message).suggest(
            "remove it",
            call.without(0),
            "",
        ));
    }
    Some(name.to_owned())
}
