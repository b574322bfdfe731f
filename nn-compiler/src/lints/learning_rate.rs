//! `learning_rate`: a learning rate outside the useful range of its optimizer.

use super::edits;
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Optimizer, Schedule};

/// What is usual for an optimizer.
struct Usual {
    name: &'static str,
    least: &'static str,
    most: &'static str,
    start: &'static str,
    /// What a step is, which says why.
    step: &'static str,
}

/// Adam's and RMSprop's steps are about as long as the rate, whatever the gradient (Kingma & Ba 2015, section
/// 2.1); those of the others scale with the gradient, so they tolerate a larger rate.
fn usual(optimizer: Optimizer) -> Option<Usual> {
    const BY_RATE: &str = "each step moves a weight by about the learning rate";
    const BY_GRADIENT: &str = "each step moves a weight by the learning rate times its gradient";
    const BY_SHARE: &str = "the first step moves each weight by the learning rate";
    let [name, least, most, start, step] = match optimizer {
        Optimizer::Sgd { .. } => ["sgd", "1e-5", "1", "0.01", BY_GRADIENT],
        Optimizer::RmsProp { .. } => ["rmsprop", "1e-6", "0.1", "1e-3", BY_RATE],
        Optimizer::Adam { .. } => ["adam", "1e-6", "0.1", "1e-3", BY_RATE],
        Optimizer::AdamW { .. } => ["adamw", "1e-6", "0.1", "1e-3", BY_RATE],
        Optimizer::Adagrad { .. } => ["adagrad", "1e-4", "1", "0.01", BY_SHARE],
        // Its length does not change what the perceptron rule finds from zero weights (Rosenblatt 1958).
        Optimizer::Perceptron { .. } => return None,
    };
    Some(Usual { name, least, most, start, step })
}

pub fn check(network: &Network, report: &mut Report) {
    let Some(train) = &network.model.train else { return };
    let Some(usual) = usual(train.optimizer) else { return };
    let (rate, argument, span) = match train.schedule {
        Schedule::OneCycle { max_lr } => (max_lr, "max_lr", train.schedule_span),
        Schedule::Constant
        | Schedule::Step { .. }
        | Schedule::Exponential { .. }
        | Schedule::Linear { .. }
        | Schedule::Cosine { .. } => (train.optimizer.learning_rate(), "lr", train.optimizer_span),
    };
    let bound = |text: &str| text.parse::<f64>().unwrap_or(rate);
    let verdict = match rate {
        rate if rate > bound(usual.most) => "large",
        rate if rate < bound(usual.least) => "small",
        _ => return,
    };
    let message = format!("a learning rate of {} is too {verdict} for `{}`", written(rate), usual.name);
    let diagnostic = Diagnostic::warning(code::LEARNING_RATE, span, message)
        .note(format!("{}; usual rates are {} to {}", usual.step, usual.least, usual.most));
    report.push(match edits::number_argument(network.text, span, argument, rate) {
        Some(number) => diagnostic.suggest("a good start is", number, usual.start),
        None => diagnostic,
    });
}

/// `0.5`, `1e-7`.
fn written(rate: f64) -> String {
    if (1e-4..1e6).contains(&rate) { rate.to_string() } else { format!("{rate:e}") }
}
