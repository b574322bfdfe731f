//! `train` without `loss`: the caller brings the gradients of the outputs. What measures a loss, or cuts data into steps,
//! has no meaning there.

use super::settings::TrainSettings;
use crate::ast::{Setting, SettingValue};
use crate::diagnostic::{Diagnostic, code};
use crate::resolve::context::Context;
use crate::span::Span;

/// The settings that need a loss, and what there is instead.
const SETTINGS: &[(&str, &str)] = &[
    ("metrics", "metrics are measured together with a loss"),
    ("early_stopping", "it watches a loss or a metric"),
    ("epochs", "the program that computes the gradients decides how long it trains"),
    ("accumulate", "the gradients of several calls of `backward` are added up until `update`"),
];

/// Whether `train` is one without a loss, not one whose loss or rule is misspelt or lost.
pub fn is_without(settings: &TrainSettings) -> bool {
    settings.get("loss").is_none() && !["loss", "rule"].iter().any(|name| settings.may_be_lost(name))
}

/// Reports settings that need a loss. Returns whether there are none.
pub fn check(keyword: Span, settings: &TrainSettings, context: &mut Context) -> bool {
    let written: Vec<(&str, &str, &Setting)> =
        SETTINGS.iter().filter_map(|(name, reason)| Some((*name, *reason, settings.get(name)?))).collect();
    // A name that is not known may be what another framework calls the loss.
    if settings.has_unknown() {
        return written.is_empty();
    }
    if let [(name, reason, first), others @ ..] = &written[..] {
        let message = format!("`{name}` needs a loss, but `train` has none");
        let diagnostic = Diagnostic::error(code::NEEDS_LOSS, first.span, message).caption(*reason);
        let also = |diagnostic: Diagnostic, (_, reason, other): &(&str, &str, &Setting)| {
            diagnostic.label(other.span, format!("so does this: {reason}"))
        };
        context.push(with_remedy(others.iter().fold(diagnostic, also), keyword, "remove what needs one"));
    }
    let batch = settings.get("batch");
    let all = batch.filter(|setting| match &setting.value {
        SettingValue::Value(value) => value.word() == Some("all"),
        SettingValue::Arguments(_) => false,
    });
    if let Some(batch) = all {
        let message = "`batch: all` needs a loss, but `train` has none";
        let diagnostic = Diagnostic::error(code::ALL_WITHOUT_LOSS, batch.span, message)
            .caption("the rows of a pass are held until the caller brings their gradients");
        let other = "write the greatest number of rows of a pass, such as `batch: 32;`";
        context.push(with_remedy(diagnostic, keyword, other));
    }
    written.is_empty() && all.is_none()
}

/// With what to write instead, and how a network without a loss is trained.
pub fn with_remedy(diagnostic: Diagnostic, keyword: Span, other: &str) -> Diagnostic {
    diagnostic
        .label(keyword, "this has no `loss`")
        .note(format!("add a loss, such as `loss: mse;`, or {other}"))
        .note("without a loss, a Rust program trains the network by `Trainer::forward`, `backward` and `update`")
}
