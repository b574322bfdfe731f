//! `relu_last`: an output that is trained on numbers and ends in `relu`: it is never negative, and a unit that
//! is below zero for every row has no gradient, so it stays there.

use super::edits;
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Effect;
use crate::model::{Loss, ValueId};
use crate::vocabulary::Activation;

pub fn check(network: &Network, report: &mut Report) {
    let Some(train) = &network.model.train else { return };
    for term in train.losses.iter().filter(|term| is_of_numbers(term.loss)) {
        let relu = last(network, term.output);
        if network.effect(relu) != Some(Effect::Bends(Activation::Relu)) {
            continue;
        }
        let span = network.span(relu);
        let message = format!("an output trained with `{}` should not end in `relu`", term.loss.name());
        let mut diagnostic = Diagnostic::warning(code::RELU_LAST, span, message)
            .caption("never negative, and no gradient below zero")
            .label(term.span, "this loss compares it with numbers");
        if let Some(link) = edits::without_link(network.text, span).filter(|_| !network.is_in_block(relu)) {
            diagnostic = diagnostic.propose("for numbers of any sign, remove it", vec![Edit::new(link, "")], false);
        }
        diagnostic = diagnostic.suggest("for numbers that are never negative, use", span, "softplus");
        report.push_at(relu, diagnostic);
    }
}

/// The value that decides the sign of an output: the value before dropout and changes of shape.
fn last(network: &Network, output: ValueId) -> ValueId {
    let keeps_sign = |id: ValueId| matches!(network.effect(id), Some(Effect::Passes { .. }));
    let mut at = output;
    while let Some(before) = network.before(at).filter(|_| keeps_sign(at)) {
        at = before;
    }
    at
}

fn is_of_numbers(loss: Loss) -> bool {
    match loss {
        Loss::Mse | Loss::SquaredError | Loss::Mae | Loss::Huber { .. } => true,
        Loss::CrossEntropy { .. } | Loss::BinaryCrossEntropy { .. } | Loss::Perceptron => false,
    }
}
