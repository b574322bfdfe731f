//! Metrics: what `accuracy` or `accuracy(action)` measures, in `metrics`, `expect` and `early_stopping`.
//!
//! A metric has one name everywhere, as it is written: `accuracy` or `accuracy(action)`. Which
//! output a bare name means is decided here. `expect` measures what it names, whether `metrics`
//! lists it or not.

use crate::ast::{Call, Expr, Name};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Measure, Metric, Model, TargetRange, Train};
use crate::resolve::context::Context;
use crate::resolve::names;
use crate::span::Span;

/// A metric as written, with its name resolved.
pub struct Written {
    metric: Metric,
    /// The output in parentheses.
    output: Option<Name>,
    span: Span,
}

impl Written {
    /// As it is written.
    pub fn name(&self) -> String {
        match &self.output {
            Some(output) => format!("{}({})", self.metric.name(), output.text),
            None => self.metric.name().to_owned(),
        }
    }
}

/// The metrics of a list, or a single metric, and whether all of them are valid.
pub fn list(value: &Expr, context: &mut Context) -> (Vec<Written>, bool) {
    let items = value.one_or_list();
    let found: Vec<_> = items.iter().filter_map(|item| one(item, context)).collect();
    let is_sound = found.len() == items.len();
    (found, is_sound)
}

fn one(item: &Expr, context: &mut Context) -> Option<Written> {
    let Some(call) = names::call(item, context) else {
        let message = "a metric is a name such as `accuracy`";
        context.push(Diagnostic::error(code::WRONG_KIND, item.span, message));
        return None;
    };
    let known = Metric::ALL.iter().map(|metric| metric.name());
    let name = names::look_up(&names::METRICS, &call.name.text, call.name.span, known, context)?;
    written(name, &call, context)
}

/// The call of a known metric.
pub fn written(name: &str, call: &Call, context: &mut Context) -> Option<Written> {
    let metric = Metric::ALL.into_iter().find(|metric| metric.name() == name)?;
    let output = match &call.arguments[..] {
        [] => None,
        [argument] => match argument.value.call() {
            Some(output) if argument.name.is_none() && output.arguments.is_empty() => Some(output.name.clone()),
            Some(_) | None => {
                let message = format!("`{name}` takes the name of an output, as in `{name}(value)`");
                context.push(Diagnostic::error(code::WRONG_KIND, argument.span, message));
                return None;
            }
        },
        [_, second, ..] => {
            let message = format!("`{name}` measures one output; list it again for another one");
            context.push(Diagnostic::error(code::SURPLUS_ARGUMENT, second.span, message).caption("remove this"));
            return None;
        }
    };
    Some(Written { metric, output, span: call.span })
}

/// The index in `train.metrics` of a written metric, which is added if it is not there yet.
pub fn measured(written: &Written, train: &mut Train, model: &Model, context: &mut Context) -> Option<usize> {
    let target = target(written, train, model, context)?;
    let metric = written.metric;
    if let Some(known) = train.metrics.iter().position(|known| known.metric == metric && known.target == target) {
        return Some(known);
    }
    check(written, target, train, model, context);
    train.metrics.push(Measure { metric, target, name: written.name() });
    Some(train.metrics.len() - 1)
}

/// The index in `train.metrics` of a written metric, if it is there.
pub fn known(written: &Written, train: &Train, model: &Model, context: &mut Context) -> Option<usize> {
    let target = target(written, train, model, context)?;
    train.metrics.iter().position(|known| known.metric == written.metric && known.target == target)
}

/// The target that a metric refers to: that of the named output, or the only one that it fits.
fn target(written: &Written, train: &Train, model: &Model, context: &mut Context) -> Option<usize> {
    let name = |target: &usize| model.output_name(&train.targets[*target]);
    let all = 0..train.targets.len();
    if let Some(output) = &written.output {
        if let Some(untrained) = model.output_names.iter().find(|known| **known == output.text)
            && !all.clone().any(|target| name(&target) == untrained)
        {
            let message = format!("`{untrained}` has no loss, so it has no targets to compare with");
            context.push(Diagnostic::error(code::METRIC_DOES_NOT_FIT, output.span, message));
            return None;
        }
        let names: Vec<&str> = all.clone().map(|target| name(&target)).collect();
        let found = names::look_up(&names::OUTPUTS, &output.text, output.span, names.iter().copied(), context)?;
        return all.into_iter().find(|target| name(target) == found);
    }
    let fitting: Vec<usize> = all.clone().filter(|target| is_made_for(written.metric, *target, train)).collect();
    let candidates = if fitting.is_empty() { all.collect() } else { fitting };
    if let [only] = candidates[..] {
        return Some(only);
    }
    let metric = written.metric.name();
    let examples: Vec<String> = candidates.iter().map(|target| format!("`{metric}({})`", name(target))).collect();
    let message = format!("`{metric}` fits {} outputs; say which one", candidates.len());
    let diagnostic = Diagnostic::error(code::MISSING_ARGUMENT, written.span, message);
    context.push(diagnostic.note(format!("write {}", examples.join(" or "))));
    None
}

/// Whether a metric without an output prefers this target: accuracy prefers classes and binary outputs, errors
/// prefer numbers.
fn is_made_for(metric: Metric, target: usize, train: &Train) -> bool {
    let mut losses = train.losses.iter().filter(|term| term.target == target).map(|term| term.loss);
    match metric {
        Metric::Accuracy => losses.any(|loss| loss.target_range() < TargetRange::Number),
        Metric::Mae | Metric::Mse => !train.targets[target].is_class,
    }
}

/// Errors in numbers are meaningless if the target is a class.
fn check(written: &Written, target: usize, train: &Train, model: &Model, context: &mut Context) {
    let target = &train.targets[target];
    if target.is_class && written.metric != Metric::Accuracy {
        let name = written.metric.name();
        let message = match train.targets.len() {
            1 => format!("`{name}` compares numbers, but the targets of `cross_entropy` are classes"),
            _ => format!("`{name}` compares numbers, but the targets of `{}` are classes", model.output_name(target)),
        };
        context.push(Diagnostic::error(code::METRIC_DOES_NOT_FIT, written.span, message).note("use `accuracy`"));
    }
}
