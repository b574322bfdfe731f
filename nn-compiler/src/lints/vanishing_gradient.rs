//! `vanishing_gradient`: three or more hidden layers on one path that end in sigmoid or tanh. Each multiplies
//! the gradient by a slope below 1 (Hochreiter 1991; Glorot & Bengio 2010), so the first layers hardly learn.
//! A `batch_norm` between them, or a path around them that is added, keeps the gradient up.

use super::network::{Network, Role};
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Layer;
use crate::layers::activation::Activation;
use crate::model::ValueId;

/// This many make a finding.
const MANY: usize = 3;

pub fn check(network: &Network, report: &mut Report) {
    let stacks: Vec<Vec<ValueId>> = network.layers().filter_map(|(id, _)| stack(network, id)).collect();
    for stack in stacks.iter().filter(|stack| stack.len() == MANY) {
        let (third, root) = (stack[0], stack[MANY - 1]);
        let place = network.place(third, stack[1]);
        let of_root = stacks.iter().filter(|other| other.last() == Some(&root));
        let depth = of_root.clone().map(Vec::len).max().unwrap_or(MANY);
        let name = network.layer(third).map_or("", |layer| layer.rule().name());
        let message = format!("{depth} hidden layers on one path end in `sigmoid` or `tanh`: the gradient vanishes");
        let mut diagnostic = Diagnostic::warning(code::VANISHING_GRADIENT, place, message);
        for (id, next) in [(root, stack[1]), (stack[1], third)] {
            let other = network.place(id, next);
            if other != place {
                diagnostic = diagnostic.label(other, "");
            }
        }
        let mut edits: Vec<Edit> = Vec::new();
        for span in of_root.map(|other| network.span(other[0])) {
            if edits.iter().all(|edit| edit.span != span) {
                edits.push(Edit::new(span, "relu"));
            }
        }
        let diagnostic = diagnostic
            .caption("the third")
            .note(slope(name))
            .propose("use an activation whose slope is 1 for whatever is above zero", edits, false)
            .note("`batch_norm` before each of them, or an `add` around them, helps too");
        report.push_at(third, diagnostic);
    }
}

fn slope(name: &str) -> String {
    match name {
        "sigmoid" => "the slope of `sigmoid` is 1/4 at most, and each layer multiplies the gradient by it".to_owned(),
        _ => format!("the slope of `{name}` is near 0 far from 0, and each layer multiplies the gradient by it"),
    }
}

/// The flattening activations of hidden layers from `id` backwards, where it is one.
fn stack(network: &Network, id: ValueId) -> Option<Vec<ValueId>> {
    if !is_flat(network, id) || !network.is_weighed_later(id) {
        return None;
    }
    let (mut stack, mut is_weighed) = (vec![id], false);
    for before in network.chain_before(id) {
        match network.layer(before) {
            Some(Layer::BatchNorm(_) | Layer::LayerNorm(_)) => break,
            _ if network.role(before) == Some(Role::Weighs) => is_weighed = true,
            _ if is_flat(network, before) && is_weighed => {
                stack.push(before);
                is_weighed = false;
            }
            _ => {}
        }
    }
    // What stands before the first weights flattens the data, not a layer.
    if !is_weighed {
        stack.pop();
    }
    Some(stack)
}

/// Whether a layer is an activation that is flat far from zero on both sides.
fn is_flat(network: &Network, id: ValueId) -> bool {
    use Activation::{HardSigmoid, HardTanh, Sigmoid, Tanh};
    matches!(network.layer(id), Some(Layer::Activation(Sigmoid | Tanh | HardSigmoid | HardTanh)))
}
