//! `batch_norm_momentum`: a momentum that is probably meant as Keras defines it, or one that never updates the running
//! statistics. Here and in PyTorch it is the weight of the newest batch; in Keras it is that of the running statistics.

use super::edits;
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::Layer;

/// Above it, the running statistics are little more than those of the last batch.
const MOST: f64 = 0.5;

pub fn check(network: &Network, report: &mut Report) {
    for (id, layer) in network.layers() {
        let Layer::BatchNorm(norm) = layer else { continue };
        // A frozen layer keeps its running statistics.
        if network.model.value(id).is_frozen || (norm.momentum > 0.0 && norm.momentum <= MOST) {
            continue;
        }
        let span = network.span(id);
        let (message, note, usual) = match norm.momentum {
            0.0 => (
                "a momentum of 0 never updates the running statistics".to_owned(),
                "inference would always use a mean of 0 and a variance of 1",
                0.1,
            ),
            momentum => (
                format!("a momentum of {momentum} keeps little more than the statistics of the last batch"),
                "here, as in PyTorch, it is the weight of the newest batch; in Keras it is the weight of the running statistics",
                ((1.0 - momentum) * 1e6).round() / 1e6,
            ),
        };
        let diagnostic = Diagnostic::warning(code::BATCH_NORM_MOMENTUM, span, message).note(note);
        let number = edits::number_argument(network.text, span, "momentum", norm.momentum);
        report.push_at(
            id,
            match number {
                Some(number) if usual > 0.0 && norm.momentum > 0.0 => {
                    let message = format!("for a Keras momentum of {}, write", norm.momentum);
                    diagnostic.suggest(message, number, usual.to_string())
                }
                Some(number) => diagnostic.suggest("the usual momentum is", number, "0.1"),
                None => diagnostic,
            },
        );
    }
}
