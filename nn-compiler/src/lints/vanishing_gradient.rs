//! `vanishing_gradient`: three or more hidden layers on one path that end in sigmoid or tanh. Each multiplies
//! the gradient by a slope below 1 (Hochreiter 1991; Glorot & Bengio 2010), so the first layers hardly learn.
//! A `batch_norm` between them, or a path around them that is added, preserves the gradient.

use std::collections::{BTreeMap, BTreeSet};

use super::network::{Linearity, Network};
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Effect;
use crate::model::ValueId;
use crate::signature::LayerKind;
use crate::span::Span;
use crate::vocabulary::Activation;

/// This many are reported.
const MANY: usize = 3;

pub fn check(network: &Network, report: &mut Report) {
    let stacks = stacks(network);
    let mut by_root: BTreeMap<ValueId, Vec<&Stack>> = BTreeMap::new();
    stacks.values().for_each(|stack| by_root.entry(stack.root).or_default().push(stack));
    for stack in stacks.values().filter(|stack| stack.depth == MANY) {
        let (third, root) = (stack.last, stack.root);
        let Some(second) = stack.before else { continue };
        let place = network.place(third, second);
        let of_root = &by_root[&root];
        let depth = of_root.iter().map(|other| other.depth).max().unwrap_or(MANY);
        let message = format!("{depth} hidden layers on one path end in `sigmoid` or `tanh`: the gradient vanishes");
        let mut diagnostic = Diagnostic::warning(code::VANISHING_GRADIENT, place, message);
        for (id, next) in [(root, second), (second, third)] {
            let other = network.place(id, next);
            if other != place {
                diagnostic = diagnostic.label(other, "");
            }
        }
        let (mut edits, mut edited): (Vec<Edit>, BTreeSet<Span>) = (Vec::new(), BTreeSet::new());
        for span in of_root.iter().map(|other| network.span(other.last)) {
            if edited.insert(span) {
                edits.push(Edit::new(span, "relu"));
            }
        }
        let diagnostic = diagnostic
            .caption("the third of them")
            .note(slope(stack.activation))
            .propose("use an activation whose slope is 1 above zero", edits, false)
            .note("`batch_norm` before each of them, or an `add` around them, also helps");
        report.push_at(third, diagnostic);
    }
}

fn slope(activation: Activation) -> String {
    let slope = if activation == Activation::Sigmoid { "1/4 at most" } else { "near 0 far from 0" };
    format!("the slope of `{}` is {slope}, and each layer multiplies the gradient by it", activation.name())
}

/// The flattening activations of hidden layers on one path.
struct Stack {
    /// The last of them, the one before it, and the first.
    last: ValueId,
    before: Option<ValueId>,
    root: ValueId,
    depth: usize,
    /// What `last` applies.
    activation: Activation,
}

/// What there is before a value, back to the last norm, merge or input.
#[derive(Clone, Copy, Default)]
struct Upstream {
    /// The nearest flattening activation.
    flat: Option<ValueId>,
    /// The nearest one with weights after it.
    weighed: Option<ValueId>,
    has_weights: bool,
}

/// The stack that ends in each flattening activation that weights follow. Activations before the first weights flatten
/// the data, not a layer.
fn stacks(network: &Network) -> BTreeMap<ValueId, Stack> {
    let mut stacks: BTreeMap<ValueId, Stack> = BTreeMap::new();
    let mut all = vec![Upstream::default(); network.model.values.len()];
    for (id, layer) in network.layers() {
        let mut here = network.before(id).map_or(Upstream::default(), |before| all[before.0]);
        if layer.rule().kind() == LayerKind::Norm {
            here = Upstream::default();
        } else if network.linearity(id) == Some(Linearity::Weighs) {
            here = Upstream { weighed: here.flat, has_weights: true, ..here };
        } else if let Some(activation) = saturating(network, id) {
            if here.has_weights && network.is_weighed_later(id) {
                let before = here.weighed.and_then(|before| stacks.get(&before));
                let (root, depth) = before.map_or((id, 1), |before| (before.root, before.depth + 1));
                let before = before.map(|before| before.last);
                stacks.insert(id, Stack { last: id, before, root, depth, activation });
            }
            here.flat = Some(id);
        }
        all[id.0] = here;
    }
    stacks
}

/// The activation that a layer applies, if it is flat far from zero on both sides.
fn saturating(network: &Network, id: ValueId) -> Option<Activation> {
    match network.effect(id) {
        Some(Effect::Bends(activation)) => Some(activation).filter(|activation| activation.saturates()),
        Some(_) | None => None,
    }
}
