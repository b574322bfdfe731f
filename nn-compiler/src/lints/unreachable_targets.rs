//! `unreachable_targets`: an output whose last activation is limited, and targets beyond its limits: the loss has a
//! floor that training cannot get below.

use super::edits;
use super::facts::{Column, Facts, shown};
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Effect;
use crate::model::{LossTerm, Target, TargetRange, ValueId};

pub fn check(network: &Network, facts: &Facts, report: &mut Report) {
    let Some(train) = &network.model.train else { return };
    let mut start = 0;
    for (at, target) in train.targets.iter().enumerate() {
        let own = start..start + if target.is_class { 1 } else { network.shape(target.output).len() };
        start = own.end;
        let term = train.narrowest_term(at).filter(|term| term.loss.target_range() == TargetRange::Number);
        let (Some(term), Some(limits)) = (term, limits(network, target.output)) else { continue };
        let is_beyond = |column: &&Column| column.min < limits.low || column.max > limits.high;
        let columns = facts.targets.iter().filter(|column| own.contains(&column.index));
        let beyond: Vec<&Column> = columns.filter(is_beyond).collect();
        if !beyond.is_empty() {
            report.push_at(limits.activation, finding(network, target, term, &limits, &beyond));
        }
    }
}

/// The range of a value.
struct Limits {
    low: f64,
    high: f64,
    /// The layer that limits it.
    activation: ValueId,
}

/// The limits of a value; `None` where it can be any number.
fn limits(network: &Network, id: ValueId) -> Option<Limits> {
    let before = || limits(network, network.before(id)?);
    let limited = |low: f64, high: f64| {
        let is_limited = low.is_finite() || high.is_finite();
        is_limited.then_some(Limits { low, high, activation: id })
    };
    match network.effect(id)? {
        Effect::Bends(activation) => {
            let (low, high) = activation.range();
            limited(low, high)
        }
        Effect::Shares { in_logarithms: false } => limited(0.0, 1.0),
        Effect::Shares { in_logarithms: true } => limited(f64::NEG_INFINITY, 0.0),
        Effect::Scales { factor: 0.0, offset } => limited(offset, offset),
        Effect::Scales { factor, offset } => {
            let Limits { low, high, activation } = before()?;
            let end = |number: f64| factor * number + offset;
            let (low, high) = (end(low).min(end(high)), end(low).max(end(high)));
            Some(Limits { low, high, activation })
        }
        Effect::Pools { counts_zeros: true } => {
            before().map(|limits| Limits { low: limits.low.min(0.0), high: limits.high.max(0.0), ..limits })
        }
        Effect::Pools { counts_zeros: false } | Effect::Passes { .. } => before(),
        Effect::Weighs { .. }
        | Effect::LooksUp { .. }
        | Effect::Standardizes
        | Effect::NormalizesRow
        | Effect::LearnsSlope => None,
    }
}

fn finding(network: &Network, target: &Target, term: &LossTerm, limits: &Limits, beyond: &[&Column]) -> Diagnostic {
    let span = network.span(limits.activation);
    let (min, max) = beyond
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), column| (min.min(column.min), max.max(column.max)));
    let lies = lies(limits);
    let reach = match min == max {
        true => format!("are {}", shown(min)),
        false => format!("range from {} to {}", shown(min), shown(max)),
    };
    let message = format!("`{}` {lies}, but its targets {reach}", network.model.output_name(target));
    let mut diagnostic = Diagnostic::warning(code::UNREACHABLE_TARGETS, span, message)
        .caption("limited here")
        .label(term.span, "this loss compares it with numbers");
    let link = edits::without_link(network.text, span).filter(|_| !network.is_in_block(limits.activation));
    if let Some(link) = link {
        diagnostic = diagnostic.propose("for numbers of any size, remove it", vec![Edit::new(link, "")], false);
    }
    diagnostic.note("or scale the targets into the range of the output")
}

fn lies(Limits { low, high, .. }: &Limits) -> String {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("is between {low} and {high}"),
        (true, false) => format!("is never below {low}"),
        (false, _) => format!("is never above {high}"),
    }
}
