//! `metrics: […]`: what is measured beside the loss.

use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Metric, Train};
use crate::resolve::names;
use crate::span::Span;
use crate::syntax::ast::{Call, Expr, ExprKind, Name};

/// Resolves `metrics: value;`, with the place of each.
pub fn metrics(value: &Expr, sink: &mut Sink) -> Option<Vec<(Metric, Span)>> {
    let items = match &value.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    let found: Vec<_> = items.into_iter().map(|item| metric(item, sink).map(|metric| (metric, item.span))).collect();
    found.into_iter().collect()
}

fn metric(item: &Expr, sink: &mut Sink) -> Option<Metric> {
    let call = names::call(item, sink).filter(|call| call.arguments.is_empty());
    let Some(Call { name: Name { text: written, .. }, .. }) = &call else {
        let message = "a metric is a name such as `accuracy`";
        sink.push(Diagnostic::error(code::WRONG_KIND, item.span, message));
        return None;
    };
    let known = Metric::ALL.iter().map(|metric| metric.name());
    let name = names::look_up(&names::METRICS, written, item.span, known, sink)?;
    Metric::ALL.into_iter().find(|metric| metric.name() == name)
}

/// Errors in numbers have no meaning where the target is a class.
pub fn check_metric(metric: Metric, train: &Train, span: Span, sink: &mut Sink) {
    if train.losses[0].loss.wants_classes() && metric != Metric::Accuracy {
        let message = format!("`{}` compares numbers, but the targets of `cross_entropy` are classes", metric.name());
        sink.push(Diagnostic::error(code::METRIC_DOES_NOT_FIT, span, message).note("use `accuracy`"));
    }
}
