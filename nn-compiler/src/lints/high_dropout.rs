//! `high_dropout`: more than half of the values dropped. The mask's variance is largest at one half, which is
//! also the most that Srivastava et al. 2014 recommend for hidden layers.

use super::edits;
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::Layer;

const MOST: f64 = 0.5;

pub fn check(network: &Network, report: &mut Report) {
    for (id, layer) in network.layers() {
        let Layer::Dropout(dropout) = layer else { continue };
        if dropout.rate <= MOST {
            continue;
        }
        let span = network.span(id);
        let message = format!("this dropout drops more than half of the values: its rate is {}", dropout.rate);
        let diagnostic = Diagnostic::warning(code::HIGH_DROPOUT, span, message)
            .note("usual rates are 0.1 to 0.5; a layer that needs more is probably too wide");
        let number = edits::number_argument(network.text, span, "rate", dropout.rate);
        report.push_at(
            id,
            match number {
                Some(number) => diagnostic.suggest("drop half of the values", number, MOST.to_string()),
                None => diagnostic,
            },
        );
    }
}
