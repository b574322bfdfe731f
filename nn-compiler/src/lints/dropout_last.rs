//! `dropout_last`: dropout that no weights follow drops predictions, not features: the loss is computed from
//! zeros, and no later layer can learn to do without them.

use super::edits;
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Layer;
use crate::model::ValueId;

pub fn check(network: &Network, report: &mut Report) {
    // Whether a value is an output, or becomes one by layers alone.
    let ends_output = network.by_readers(|id, ends| {
        let is_layer = |reader: &&ValueId| network.layer(**reader).is_some();
        network.is_output(id) || network.readers(id).iter().filter(is_layer).any(|reader| ends[reader.0])
    });
    for (id, layer) in network.layers() {
        let Layer::Dropout(dropout) = layer else { continue };
        if dropout.rate == 0.0 || network.is_weighed_later(id) || !ends_output[id.0] {
            continue;
        }
        let span = network.span(id);
        let message = "dropout after the last layer drops predictions during training";
        let diagnostic = Diagnostic::warning(code::DROPOUT_LAST, span, message)
            .caption("no layer with weights follows")
            .note("dropout is for features: put it before the last `dense`");
        let link = edits::without_link(network.text, span).filter(|_| !network.is_in_block(id));
        report.push_at(
            id,
            match link {
                Some(link) => diagnostic.propose("remove it", vec![Edit::new(link, "")], false),
                None => diagnostic,
            },
        );
    }
}
