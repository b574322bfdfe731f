//! `train { … }`: settings, the loss and its output, the optimizer or rule.

mod early_stopping;
mod losses;
pub mod metrics;
mod optimizer;
mod regularizer;
mod rule;
mod schedule;
mod settings;

use super::arguments;
use super::constants::{Constants, Number};
use super::graph::Graph;
use super::names;
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Edit, Sink};
use crate::model::{Batch, Model, Schedule, Train};
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Operator, Setting};

pub use settings::doubled;

use settings::{Settings, present};

/// Resolves `train`; also gives the network's regularizer to the layers of `model`.
pub fn resolve(
    keyword: Span,
    settings: &[Setting],
    model: &mut Model,
    graph: &Graph,
    sink: &mut Sink,
) -> Option<Train> {
    let settings = Settings::new(settings, sink);
    let constants = graph.constants();
    regularizer::regularize(model, &settings, constants, sink);
    let (losses, optimizer) = match settings.get("rule") {
        Some(rule) => rule::perceptron(rule, &settings, model, constants, sink),
        None => {
            let loss = present(&settings, "loss", "mse", keyword, sink);
            let optimizer = present(&settings, "optimizer", "adam(lr: 1e-3)", keyword, sink);
            let losses = settings
                .value("loss", sink)
                .filter(|_| loss)
                .and_then(|value| losses::losses(value, model, graph, sink));
            let call = settings.value("optimizer", sink).filter(|_| optimizer);
            (losses, call.and_then(|value| optimizer::optimizer(value, constants, sink)))
        }
    };
    let is_rule = settings.get("rule").is_some();
    let (metrics, all_known) =
        settings.value("metrics", sink).map_or((Vec::new(), true), |value| metrics::list(value, sink));
    let batch = batch(&settings, is_rule, constants, sink);
    let count = |name: &str, default, sink: &mut Sink| match settings.value(name, sink) {
        Some(value) => constants.size(value, &format!("`{name}`"), sink),
        None => Some(default),
    };
    let epochs = count("epochs", 10, sink);
    let seed = settings.value("seed", sink).map_or(Some(0), |value| seed(value, constants, sink));
    let early_stopping = match settings.get("early_stopping") {
        Some(setting) => Some(early_stopping::early_stopping(setting, constants, sink)?),
        None => None,
    };
    let schedule = match settings.value("schedule", sink) {
        Some(value) => schedule::schedule(value, constants, sink).map(|schedule| (schedule, value.span)),
        None => Some((Schedule::Constant, keyword)),
    };
    let clip_norm = match settings.value("clip_norm", sink) {
        Some(value) => clip_norm(value, constants, sink).map(Some),
        None => Some(None),
    };
    let accumulate = count("accumulate", 1, sink);
    let (losses, targets) = losses.and_then(|losses| losses::targets(losses, model, sink))?;
    let (schedule, schedule_span) = schedule?;
    let mut train = Train {
        losses,
        targets,
        optimizer: optimizer?,
        metrics: Vec::new(),
        batch: batch?,
        epochs: epochs?,
        seed: seed?,
        early_stopping: None,
        schedule,
        schedule_span,
        clip_norm: clip_norm?,
        accumulate: accumulate?,
        span: keyword,
        optimizer_span: settings.value("rule", sink).or_else(|| settings.value("optimizer", sink))?.span,
    };
    for written in metrics {
        metrics::measured(&written, &mut train, model, sink);
    }
    // What is watched may be what a metric with a mistake meant.
    train.early_stopping =
        early_stopping.filter(|_| all_known).and_then(|written| written.resolve(&train, model, sink));
    check(&train, &settings, model, sink);
    Some(train)
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
            let message = "a batch of all training rows is `batch: all`";
            let edits = vec![Edit::new(value.span, "all")];
            let is_certain = word.starts_with("full");
            sink.push(Diagnostic::error(code::WRONG_KIND, value.span, message).propose("write", edits, is_certain));
            Batch::All
        }
        _ => Batch::Rows(constants.size(value, "`batch`", sink)?),
    };
    if is_rule && batch != Batch::Rows(1) {
        let message = "the perceptron rule updates after each example: its batch is 1";
        sink.push(Diagnostic::error(code::CONTRADICTION, value.span, message));
    }
    Some(batch)
}

fn seed(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<u64> {
    let number = constants.number(value, "`seed`", sink)?;
    match number {
        Number::Integer(integer @ 0..) => Some(integer as u64),
        _ => {
            sink.push(Diagnostic::error(code::OUT_OF_RANGE, value.span, "`seed` must be an integer, 0 or more"));
            None
        }
    }
}

/// The greatest norm of all gradients.
fn clip_norm(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<f64> {
    arguments::number(value, constants, "`clip_norm`", "above 0", |number| number > 0.0, sink)
}

/// What settings say together.
fn check(train: &Train, settings: &Settings, model: &Model, sink: &mut Sink) {
    if let Some(norm) = model.batch_norms().next()
        && matches!(train.batch, Batch::All | Batch::Rows(1))
    {
        let span = settings.get("batch").map_or(train.span, |setting| setting.span);
        let message = "`batch_norm` needs a batch of two rows or more, given as a number";
        sink.push(
            Diagnostic::error(code::BATCH_NORM_BATCH, span, message)
                .label(norm.span, "it takes mean and variance over the batch here")
                .note("write `batch: 32;`"),
        );
    }
    if let (Batch::All, Some(accumulate)) = (train.batch, settings.get("accumulate")) {
        let message = "`accumulate` adds up batches, but with `batch: all` there is one";
        let diagnostic = Diagnostic::error(code::CONTRADICTION, accumulate.span, message);
        let diagnostic = match settings.get("batch") {
            Some(batch) => diagnostic.label(batch.span, "it holds all rows"),
            None => diagnostic,
        };
        sink.push(diagnostic.note("remove it, or give `batch` as a number"));
    }
    schedule::check(train, settings, sink);
}
