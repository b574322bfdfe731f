//! `freeze name;`: the layers of that name's chain keep their parameters.

use std::collections::BTreeMap;

use super::context::Context;
use super::graph::Graph;
use super::lost::Binds;
use super::names;
use crate::ast::{Ast, Form, Name, StatementKind};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Model, Node};
use crate::span::Span;

/// Marks the values of every `freeze`.
pub fn freeze(model: &mut Model, ast: &Ast, graph: &Graph, context: &mut Context) {
    let is_train = |kind: &StatementKind| matches!(kind, StatementKind::Train { .. });
    let trains = graph.lost().may_be(Form::Train) || ast.statements.iter().any(|statement| is_train(&statement.kind));
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for statement in &ast.statements {
        let StatementKind::Freeze { name } = &statement.kind else { continue };
        if let Some(span) = first.get(name.text.as_str()) {
            let message = format!("`{}` is frozen twice", name.text);
            let diagnostic = Diagnostic::error(code::DOUBLED_STATEMENT, statement.span, message);
            context.push(diagnostic.label(*span, "first here").suggest("remove it", statement.span, ""));
            continue;
        }
        first.insert(&name.text, statement.span);
        if !trains {
            let message = "`freeze` has no effect, because the network has no `train`";
            context.push(Diagnostic::error(code::NOTHING_TO_FREEZE, statement.span, message).suggest(
                "remove it",
                statement.span,
                "",
            ));
            continue;
        }
        model.freezes.push(statement.span);
        value(model, name, graph, context);
    }
    // Any value may be the one that a `freeze` with a syntax error names.
    if graph.lost().may_be(Form::Freeze) {
        model.values.iter_mut().for_each(|value| value.is_frozen = true);
    }
}

/// Marks the values that the statement of a name creates.
fn value(model: &mut Model, name: &Name, graph: &Graph, context: &mut Context) {
    if graph.is_block(&name.text) {
        let message = format!("`{}` is a block; freeze a value that uses it instead", name.text);
        context.push(Diagnostic::error(code::UNKNOWN_VALUE, name.span, message));
        return;
    }
    let is_known = graph.made_by(&name.text).is_some();
    if !is_known && graph.lost().may_bind(&name.text, Binds::Value) {
        return;
    }
    let Some(found) =
        names::look_up(&names::VALUES, &name.text, name.span, graph.names().chain(graph.lost().names()), context)
    else {
        return;
    };
    let Some(made) = graph.made_by(found) else { return };
    let values = &mut model.values[made];
    let holds_parameters = values.iter().any(|value| match &value.node {
        Node::Layer { layer, .. } => layer.rule().has_parameters(),
        Node::Input { .. } | Node::Merge { .. } => false,
    });
    if !holds_parameters {
        let message = format!("no layer of `{found}` has parameters to freeze");
        context.push(
            Diagnostic::error(code::NOTHING_TO_FREEZE, name.span, message)
                .note("`freeze` covers the layers in the statement of a value, not those of the values that it uses"),
        );
        return;
    }
    values.iter_mut().for_each(|value| value.is_frozen = true);
}
