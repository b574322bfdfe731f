//! `train { … }`: settings, the loss and its output, the optimizer or rule.
//!
//! A missing optimizer is an error: batch, epochs and seed have defaults, but which optimizer is
//! meant cannot be guessed.

mod early_stopping;
mod losses;
pub mod metrics;
mod optimizer;
mod optimizer_settings;
mod regularizer;
mod rule;
mod schedule;
mod settings;

use super::arguments;
use super::constants::{Constants, Number};
use super::graph::Graph;
use super::names;
use crate::ast::{Expr, ExprKind, Lost, Operator, Setting};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Edit, Sink};
use crate::model::{Batch, LossTerm, Model, Optimizer, Schedule, Train};
use crate::span::Span;

pub use settings::doubled;

use settings::{Settings, present};

/// Resolves `train`, and applies its regularizer to the layers of `model`. A setting with a mistake gets its default;
/// if it has no default, there is no `train`. Also returns whether all settings are valid.
pub fn resolve(
    keyword: Span,
    settings: &[Setting],
    lost: &[Lost],
    model: &mut Model,
    graph: &Graph,
    sink: &mut Sink,
) -> (Option<Train>, bool) {
    let settings = Settings::new(settings, lost, sink);
    let constants = graph.constants();
    regularizer::regularize(model, &settings, constants, sink);
    let (losses, optimizer) = match settings.get("rule") {
        Some(rule) => rule::perceptron(rule, &settings, model, graph, sink),
        None if settings.may_be_lost("rule") => by_gradient(&settings, model, graph, sink),
        None => {
            present(&settings, "loss", "mse", keyword, sink);
            present(&settings, "optimizer", "adam(lr: 1e-3)", keyword, sink);
            by_gradient(&settings, model, graph, sink)
        }
    };
    let is_rule = settings.get("rule").is_some();
    let mut known = Defaults { is_whole: lost.is_empty() };
    let (metrics, all_known) =
        settings.value("metrics", sink).map_or((Vec::new(), true), |value| metrics::list(value, sink));
    let all_known = all_known && !settings.may_be_lost("metrics");
    let batch = known.or(batch(&settings, is_rule, constants, sink), Batch::Rows(32));
    let mut count = |name: &str, default, sink: &mut Sink| match settings.value(name, sink) {
        Some(value) => known.or(constants.size(value, &format!("`{name}`"), sink), default),
        None => default,
    };
    let epochs = count("epochs", 10, sink);
    let accumulate = count("accumulate", 1, sink);
    let seed = settings.value("seed", sink).map(|value| known.or(seed(value, constants, sink), 0)).unwrap_or(0);
    let early_stopping = settings.get("early_stopping").and_then(|setting| {
        let written = early_stopping::early_stopping(setting, constants, sink);
        known.or(written.map(Some), None)
    });
    let schedule = settings.value("schedule", sink).map(|value| {
        let schedule = schedule::schedule(value, constants, sink);
        (known.or(schedule, Schedule::Constant), value.span)
    });
    let (schedule, schedule_span) = schedule.unwrap_or((Schedule::Constant, keyword));
    let clip_norm =
        settings.value("clip_norm", sink).and_then(|value| known.or(clip_norm(value, constants, sink).map(Some), None));
    let optimizer_span = settings.value("rule", sink).or_else(|| settings.value("optimizer", sink));
    let optimizer_span = optimizer_span.map_or(keyword, |value| value.span);
    let optimizer = known.or(optimizer, PLAIN_DESCENT);
    let losses = losses.and_then(|losses| losses::targets(losses, model, sink));
    let Some((losses, targets)) = losses else { return (None, false) };
    let mut train = Train {
        losses,
        targets,
        optimizer,
        metrics: Vec::new(),
        batch,
        batch_span: settings.get("batch").map_or(keyword, |setting| setting.span),
        epochs,
        seed,
        early_stopping: None,
        schedule,
        schedule_span,
        clip_norm,
        accumulate,
        span: keyword,
        optimizer_span,
    };
    for written in metrics {
        metrics::measured(&written, &mut train, model, sink);
    }
    // The monitored metric may be one with a mistake.
    train.early_stopping =
        early_stopping.filter(|_| all_known).and_then(|written| written.resolve(&train, model, sink));
    if known.is_whole {
        check(&train, &settings, sink);
    }
    (Some(train), known.is_whole)
}

/// Replaces an optimizer with a mistake, so that the rest is checked.
const PLAIN_DESCENT: Optimizer = Optimizer::Sgd { lr: 0.01, momentum: 0.0, nesterov: false, weight_decay: 0.0 };

/// Puts defaults in place of mistakes, and remembers that there was one.
struct Defaults {
    is_whole: bool,
}

impl Defaults {
    fn or<T>(&mut self, found: Option<T>, default: T) -> T {
        self.is_whole &= found.is_some();
        found.unwrap_or(default)
    }
}

/// The loss and the optimizer, as far as they are written.
fn by_gradient(
    settings: &Settings,
    model: &Model,
    graph: &Graph,
    sink: &mut Sink,
) -> (Option<Vec<LossTerm>>, Option<Optimizer>) {
    let losses = settings.value("loss", sink).and_then(|value| losses::losses(value, model, graph, sink));
    let call = settings.value("optimizer", sink);
    (losses, call.and_then(|value| optimizer::optimizer(value, graph.constants(), sink)))
}

/// The terms of a sum.
fn terms(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Binary { operator: Operator::Add, left, right } => {
            let mut all = terms(left);
            all.extend(terms(right));
            all
        }
        _ => vec![expr],
    }
}

fn batch(settings: &Settings, is_rule: bool, constants: &Constants, sink: &mut Sink) -> Option<Batch> {
    let Some(value) = settings.value("batch", sink) else {
        return Some(Batch::Rows(if is_rule { 1 } else { 32 }));
    };
    let batch = match names::word(value) {
        Some("all") => Batch::All,
        Some(word @ ("full" | "full_batch" | "none" | "None")) => {
            let message = "a batch of all training rows is written `batch: all`";
            let edits = vec![Edit::new(value.span, "all")];
            let is_certain = word.starts_with("full");
            sink.push(Diagnostic::error(code::WRONG_KIND, value.span, message).propose("write", edits, is_certain));
            Batch::All
        }
        _ => Batch::Rows(constants.size(value, "`batch`", sink)?),
    };
    if is_rule && batch != Batch::Rows(1) {
        let message = "the perceptron rule updates after each example, so its batch must be 1";
        sink.push(Diagnostic::error(code::CONTRADICTION, value.span, message));
    }
    Some(batch)
}

fn seed(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<u64> {
    let number = constants.number(value, "`seed`", sink)?;
    match number {
        Number::Integer(integer @ 0..) => Some(integer as u64),
        _ => {
            sink.push(Diagnostic::error(code::OUT_OF_RANGE, value.span, "`seed` must be an integer of at least 0"));
            None
        }
    }
}

/// The greatest norm of all gradients.
fn clip_norm(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<f64> {
    arguments::number(value, constants, "`clip_norm`", "above 0", |number| number > 0.0, sink)
}

/// Checks settings against each other.
fn check(train: &Train, settings: &Settings, sink: &mut Sink) {
    if let (Batch::All, Some(accumulate)) = (train.batch, settings.get("accumulate")) {
        let message = "`accumulate` adds up batches, but with `batch: all` there is only one";
        let diagnostic = Diagnostic::error(code::CONTRADICTION, accumulate.span, message);
        let diagnostic = match settings.get("batch") {
            Some(batch) => diagnostic.label(batch.span, "this batch holds all rows"),
            None => diagnostic,
        };
        sink.push(diagnostic.note("remove it, or give `batch` as a number"));
    }
    schedule::check(train, settings, sink);
}
