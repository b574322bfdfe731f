//! `linear_stack`: layers that weigh features, one after the other with nothing nonlinear between, are one
//! linear map: W₂·(W₁·x) = (W₂·W₁)·x.

use super::network::{Linearity, Network};
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::{Effect, Layer};
use crate::model::ValueId;

pub fn check(network: &Network, report: &mut Report) {
    // Whether all that is computed from a value is weighed again: none of it is an output, merged, or made nonlinear.
    let only_weighed = network.by_readers(|id, only_weighed| {
        let is_weighed = |reader: &ValueId| match network.linearity(*reader) {
            Some(Linearity::Weighs) => true,
            Some(Linearity::Affine) => only_weighed[reader.0],
            Some(Linearity::Bends) | None => false,
        };
        !network.is_output(id) && network.readers(id).iter().all(is_weighed)
    });
    for (second, layer) in network.layers() {
        let Some(first) = first_of(network, second).filter(|first| only_weighed[first.0]) else { continue };
        let before = network.layer(first).unwrap_or(layer);
        // A depthwise and a pointwise convolution are one linear map on purpose: they take fewer multiplications.
        let parts = |layer: &Layer| layer.rule().effect() == Effect::Weighs { is_shared: false };
        if parts(before) || parts(layer) {
            continue;
        }
        let (name, before) = (layer.rule().name(), before.rule().name());
        let place = network.place(second, first);
        let message =
            format!("`{name}` follows `{before}` with no activation between them: together they are one linear map");
        let diagnostic = Diagnostic::warning(code::LINEAR_STACK, place, message);
        let diagnostic = match network.place(first, second) {
            same if same == place => diagnostic.caption("this layer is repeated").note(
                "repeat a block with an activation instead, such as `block hidden(units) = dense(units) -> relu;`",
            ),
            other => diagnostic.caption("second layer").label(other, "first layer").suggest(
                "add an activation between them, or remove one of the two",
                place.before(),
                "relu -> ",
            ),
        };
        report.push_at(second, diagnostic);
    }
}

/// The layer whose result, apart from linear steps, is all that `second` reads, if both weigh features.
fn first_of(network: &Network, second: ValueId) -> Option<ValueId> {
    let weighs = |id: ValueId| network.linearity(id) == Some(Linearity::Weighs);
    if !weighs(second) {
        return None;
    }
    network
        .chain_before(second)
        .find(|id| network.linearity(*id) != Some(Linearity::Affine))
        .filter(|first| weighs(*first))
}
