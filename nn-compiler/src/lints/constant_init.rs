//! `constant_init`: a hidden layer whose weights all start out the same. Its units then compute the same, and only what
//! follows can make them differ (Goodfellow et al. 2016, section 8.4).
//!
//! The search follows single readers, up to the next layer with weights. Merges, second readers and outputs end it:
//! there a layer of zeros may be intended, as at the end of a residual branch.

use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::{Effect, Layer};
use crate::model::{Optimizer, ValueId};
use crate::vocabulary::{Activation, Init};

/// What happens to units that start out the same.
enum Fate {
    /// No gradient reaches them, since the slope of this `relu` is 0 where its input is.
    Dead(ValueId),
    /// They get the same gradients, since the weights of this layer start out the same, too.
    Same(ValueId),
    /// This layer makes them differ.
    Differ(ValueId),
}

/// Weights that start out the same.
struct Start {
    value: f64,
    units: usize,
    /// Whether all units see the same inputs.
    is_shared: bool,
    is_table: bool,
}

pub fn check(network: &Network, report: &mut Report) {
    let Some(train) = &network.model.train else { return };
    if matches!(train.optimizer, Optimizer::Perceptron { .. }) {
        return;
    }
    for (id, layer) in network.layers().filter(|(id, _)| !network.model.value(*id).is_frozen) {
        let Some(start) = start(network, id, layer) else { continue };
        let Some(fate) = fate(network, id, &start) else { continue };
        let Some(diagnostic) = diagnostic(network, id, &start, &fate) else { continue };
        report.push_at(id, diagnostic.note("remove `init` to draw the weights at random"));
    }
}

fn diagnostic(network: &Network, id: ValueId, start: &Start, fate: &Fate) -> Option<Diagnostic> {
    let place = |other| network.place(id, other);
    let warning = |other, message: String| Diagnostic::warning(code::CONSTANT_INIT, place(other), message);
    match *fate {
        Fate::Dead(relu) => Some(
            warning(relu, "this layer never trains: all of its weights start at 0".to_owned())
                .label(network.place(relu, id), "the slope of `relu` is 0 at 0, so no gradient passes"),
        ),
        Fate::Same(next) if start.units > 1 => {
            let value = start.value;
            let message = format!("the units of this hidden layer never differ: all of its weights start at {value}");
            Some(warning(next, message).label(network.place(next, id), "these weights also start out the same"))
        }
        // In a table a row differs from the others as soon as its token is seen.
        Fate::Differ(next) if start.units > 1 && start.value == 0.0 && !start.is_table => {
            let message = "the units of this hidden layer start out the same: all of its weights are 0".to_owned();
            Some(warning(next, message).label(network.place(next, id), "only gradients from here can make them differ"))
        }
        Fate::Same(_) | Fate::Differ(_) => None,
    }
}

/// How the weights of a layer start, where they start out the same.
fn start(network: &Network, id: ValueId, layer: &Layer) -> Option<Start> {
    let (init, is_shared, is_table) = match layer.rule().effect() {
        Effect::Weighs { is_shared } => (layer.rule().weights()?.init, is_shared, false),
        Effect::LooksUp { init } => (init, true, true),
        Effect::Passes { .. }
        | Effect::Scales { .. }
        | Effect::Standardizes
        | Effect::NormalizesRow
        | Effect::Pools { .. }
        | Effect::Bends(_)
        | Effect::LearnsSlope
        | Effect::Shares { .. } => return None,
    };
    let Init::Constant(value) = init else { return None };
    Some(Start { value, units: network.shape(id).features(), is_shared, is_table })
}

/// What happens to the units of a hidden layer; `None` if the next weights are not found, and for outputs.
fn fate(network: &Network, id: ValueId, start: &Start) -> Option<Fate> {
    let mut is_zero = start.value == 0.0;
    // Channels that see different inputs differ from the first row on, unless they are zero.
    let mut is_same = start.is_shared;
    let mut at = id;
    loop {
        let [next] = network.readers(at) else { return None };
        if network.is_output(at) {
            return None;
        }
        at = *next;
        match network.effect(at)? {
            Effect::Weighs { is_shared } => {
                let next = network.layer(at).and_then(|layer| self::start(network, at, layer));
                let is_same = is_same && is_shared && next.is_some();
                return Some(if is_same { Fate::Same(at) } else { Fate::Differ(at) }).filter(|_| start.is_shared);
            }
            Effect::Bends(activation) => {
                if is_zero && activation == Activation::Relu {
                    return Some(Fate::Dead(at));
                }
                is_zero &= activation.keeps_zero();
            }
            Effect::Scales { offset, .. } => is_zero &= offset == 0.0,
            Effect::Passes { keeps_equal } => is_same &= keeps_equal,
            Effect::Shares { .. } => is_zero = false,
            Effect::Standardizes | Effect::NormalizesRow | Effect::LearnsSlope | Effect::Pools { .. } => {}
            // Tokens are inputs.
            Effect::LooksUp { .. } => return None,
        }
    }
}
