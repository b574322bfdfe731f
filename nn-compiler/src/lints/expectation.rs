//! `expectation`: an `expect` that says nothing about the training, since no value that the metric
//! can have meets it, or every value does.

use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Expectation, Metric, Model, Reported};
use crate::vocabulary::Comparison;

/// The values that a measured number can have.
struct Range {
    least: f64,
    most: f64,
    /// In words.
    words: &'static str,
}

pub fn check(network: &Network, report: &mut Report) {
    for expectation in &network.model.expectations {
        let range = range(network.model, expectation.metric);
        let Some(message) = verdict(network.model, expectation, &range) else { continue };
        let diagnostic = Diagnostic::warning(code::EXPECTATION, expectation.span, message);
        report.push(match percent(expectation, &range) {
            Some(share) => diagnostic.note(range.words).suggest(
                format!("for {} %, write", expectation.bound),
                expectation.bound_span,
                share.to_string(),
            ),
            None => diagnostic.note(range.words),
        });
    }
}

/// Losses and errors have no upper end. A loss is a sum of terms with weights above 0, none of which is negative.
fn range(model: &Model, reported: Reported) -> Range {
    let metric = match (reported, &model.train) {
        (Reported::Metric(metric), Some(train)) => Some(train.metrics[metric].metric),
        (Reported::Metric(_), None) | (Reported::Loss, _) => None,
    };
    match metric {
        Some(Metric::Accuracy) => {
            Range { least: 0.0, most: 1.0, words: "accuracy is the fraction of correct predictions, from 0 to 1" }
        }
        Some(Metric::Mae | Metric::Mse) => {
            Range { least: 0.0, most: f64::INFINITY, words: "a mean error is never negative" }
        }
        None => Range { least: 0.0, most: f64::INFINITY, words: "a loss is never negative" },
    }
}

/// What is wrong with an expectation, if something is.
fn verdict(model: &Model, expectation: &Expectation, range: &Range) -> Option<String> {
    let Expectation { metric, comparison, bound, .. } = expectation;
    let name = model.train.as_ref().map_or("loss", |train| train.reported_name(*metric));
    let written = format!("`{name} {} {bound}`", comparison.symbol());
    let holds = |value| comparison.holds(value, *bound);
    let is_possible = match comparison {
        Comparison::Less | Comparison::LessOrEqual => holds(range.least),
        Comparison::Equal => (range.least..=range.most).contains(bound),
        Comparison::GreaterOrEqual | Comparison::Greater => holds(range.most),
    };
    let is_certain = match comparison {
        Comparison::Less | Comparison::LessOrEqual => holds(range.most),
        Comparison::Equal => false,
        Comparison::GreaterOrEqual | Comparison::Greater => holds(range.least),
    };
    // An accuracy of 0 is not a goal either.
    let is_worst = range.most.is_finite()
        && *bound == range.least
        && matches!(comparison, Comparison::LessOrEqual | Comparison::Equal);
    match (is_possible, is_certain) {
        (false, _) => Some(format!("{written} can never be met")),
        (true, true) => Some(format!("{written} is always met")),
        (true, false) if is_worst => Some(format!("{written} is met only if every prediction is wrong")),
        (true, false) => None,
    }
}

/// The fraction that a bound means, if it looks like a percentage.
fn percent(expectation: &Expectation, range: &Range) -> Option<f64> {
    let is_percent = range.most == 1.0 && (10.0..=100.0).contains(&expectation.bound);
    is_percent.then(|| (expectation.bound * 1e4).round() / 1e6)
}
