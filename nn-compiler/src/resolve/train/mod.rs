//! `train { … }`: settings, the loss and its output, the optimizer or rule.
//!
//! A missing optimizer is an error: batch, epochs and seed have defaults, but which optimizer is
//! meant cannot be guessed. Without `loss`, the caller brings gradients.

mod early_stopping;
mod losses;
pub mod metrics;
mod optimizer;
mod optimizer_settings;
mod rates;
mod regularizer;
mod rule;
mod schedule;
mod settings;
pub mod without_loss;

use super::arguments;
use super::constants::Number;
use super::graph::Graph;
use crate::ast::{Expr, Lost, Setting};
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::model::{BatchSize, LossTerm, Model, Optimizer, Schedule, Train};
use crate::resolve::context::Context;
use crate::span::Span;

pub use settings::doubled;

use settings::{TrainSettings, present};

/// Resolves `train`, and applies its regularizer to the layers of `model`. A setting with a mistake gets its default;
/// if it has no default, there is no `train`. Also returns whether all settings are valid.
pub fn resolve(
    keyword: Span,
    settings: &[Setting],
    lost: &[Lost],
    model: &mut Model,
    graph: &Graph,
    context: &mut Context,
) -> (Option<Train>, bool) {
    let settings = TrainSettings::new(settings, lost, context);
    regularizer::regularize(model, &settings, context);
    let (losses, optimizer) = match settings.get("rule") {
        Some(rule) => rule::perceptron(rule, &settings, model, graph, context),
        None if settings.may_be_lost("rule") => by_gradient(&settings, model, graph, context),
        None => {
            present(&settings, "optimizer", "adam(lr: 1e-3)", keyword, context);
            by_gradient(&settings, model, graph, context)
        }
    };
    let is_rule = settings.get("rule").is_some();
    let without_loss = !is_rule && without_loss::is_without(&settings);
    let fits = !without_loss || without_loss::check(keyword, &settings, context);
    let mut known = Defaults { is_whole: lost.is_empty() && fits };
    let metrics = settings.value("metrics", context).filter(|_| !without_loss);
    let (metrics, all_known) = metrics.map_or((Vec::new(), true), |value| metrics::list(value, context));
    let all_known = all_known && !settings.may_be_lost("metrics");
    let batch = known.or(batch(&settings, is_rule, context), BatchSize::Rows(32));
    let mut count = |name: &str, default, context: &mut Context| match settings.value(name, context) {
        Some(value) => known.or(context.size(value, &format!("`{name}`")), default),
        None => default,
    };
    let epochs = count("epochs", 10, context);
    let accumulate = count("accumulate", 1, context);
    let seed = settings.value("seed", context).map(|value| known.or(seed(value, context), 0)).unwrap_or(0);
    let early_stopping = settings.get("early_stopping").filter(|_| !without_loss).and_then(|setting| {
        let written = early_stopping::early_stopping(setting, context);
        known.or(written.map(Some), None)
    });
    let schedule = settings.value("schedule", context).map(|value| {
        let schedule = schedule::schedule(value, context);
        (known.or(schedule, Schedule::Constant), value.span)
    });
    let (schedule, schedule_span) = schedule.unwrap_or((Schedule::Constant, keyword));
    let clip_norm =
        settings.value("clip_norm", context).and_then(|value| known.or(clip_norm(value, context).map(Some), None));
    let rates = known.or(rates::rates(settings.value("lr", context), model, graph, context), Vec::new());
    let optimizer_span = settings.value("rule", context).or_else(|| settings.value("optimizer", context));
    let optimizer_span = optimizer_span.map_or(keyword, |value| value.span);
    let optimizer = known.or(optimizer, PLAIN_DESCENT);
    let losses = if without_loss { Some(Vec::new()) } else { losses };
    let losses = losses.and_then(|losses| losses::targets(losses, model, context));
    let Some((losses, targets)) = losses else { return (None, false) };
    let mut train = Train {
        losses,
        targets,
        optimizer,
        rates,
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
        metrics::measured(&written, &mut train, model, context);
    }
    // The monitored metric may be one with a mistake.
    train.early_stopping =
        early_stopping.filter(|_| all_known).and_then(|written| written.resolve(&train, model, context));
    if known.is_whole {
        check(&train, &settings, context);
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
    settings: &TrainSettings,
    model: &Model,
    graph: &Graph,
    context: &mut Context,
) -> (Option<Vec<LossTerm>>, Option<Optimizer>) {
    let losses = settings.value("loss", context).and_then(|value| losses::losses(value, model, graph, context));
    let call = settings.value("optimizer", context);
    (losses, call.and_then(|value| optimizer::optimizer(value, context)))
}

fn batch(settings: &TrainSettings, is_rule: bool, context: &mut Context) -> Option<BatchSize> {
    let Some(value) = settings.value("batch", context) else {
        return Some(BatchSize::Rows(if is_rule { 1 } else { 32 }));
    };
    let batch = match value.word() {
        Some("all") => BatchSize::All,
        Some(word @ ("full" | "full_batch" | "none" | "None")) => {
            let message = "a batch of all training rows is written `batch: all`";
            let edits = vec![Edit::new(value.span, "all")];
            let is_certain = word.starts_with("full");
            context.push(Diagnostic::error(code::WRONG_KIND, value.span, message).propose("write", edits, is_certain));
            BatchSize::All
        }
        _ => BatchSize::Rows(context.size(value, "`batch`")?),
    };
    if is_rule && batch != BatchSize::Rows(1) {
        let message = "the perceptron rule updates after each example, so its batch must be 1";
        context.push(Diagnostic::error(code::CONTRADICTION, value.span, message));
    }
    Some(batch)
}

fn seed(value: &Expr, context: &mut Context) -> Option<u64> {
    let number = context.number(value, "`seed`")?;
    match number {
        Number::Integer(integer @ 0..) => Some(integer as u64),
        _ => {
            context.push(Diagnostic::error(code::OUT_OF_RANGE, value.span, "`seed` must be an integer of at least 0"));
            None
        }
    }
}

/// The greatest norm of all gradients.
fn clip_norm(value: &Expr, context: &mut Context) -> Option<f64> {
    arguments::number(value, "`clip_norm`", "above 0", |number| number > 0.0, context)
}

/// Checks settings against each other.
fn check(train: &Train, settings: &TrainSettings, context: &mut Context) {
    if let (BatchSize::All, Some(accumulate)) = (train.batch, settings.get("accumulate")) {
        let message = "`accumulate` adds up batches, but with `batch: all` there is only one";
        let diagnostic = Diagnostic::error(code::CONTRADICTION, accumulate.span, message);
        let diagnostic = match settings.get("batch") {
            Some(batch) => diagnostic.label(batch.span, "this batch holds all rows"),
            None => diagnostic,
        };
        context.push(diagnostic.note("remove it, or give `batch` as a number"));
    }
    // Without a loss, the caller says how long the training is.
    if train.has_loss() {
        schedule::check(train, settings, context);
    }
}
