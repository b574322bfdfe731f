//! `constant_init`: a hidden layer whose weights all start out the same. Its units then compute the same, and only what
//! follows can make them differ (Goodfellow et al. 2016, section 8.4).
//!
//! The search follows single readers, up to the next layer with weights. Merges, second readers and outputs end it:
//! there a layer of zeros may be intended, as at the end of a residual branch.

use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::activation::Activation;
use crate::layers::{Init, Layer};
use crate::model::{Optimizer, ValueId};

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
    let (init, is_shared, is_table) = match layer {
        Layer::Dense(dense) => (dense.weights.init, true, false),
        Layer::Conv(conv) => (conv.weights.init, conv.groups == 1, false),
        Layer::Embedding(embedding) => (embedding.init, true, true),
        Layer::MaxPool(_)
        | Layer::AvgPool(_)
        | Layer::GlobalPool(_)
        | Layer::BatchNorm(_)
        | Layer::LayerNorm(_)
        | Layer::Dropout(_)
        | Layer::Rescale(_)
        | Layer::Normalize(_)
        | Layer::Flatten(_)
        | Layer::Reshape(_)
        | Layer::Activation(_)
        | Layer::Prelu(_)
        | Layer::Softmax(_)
        | Layer::LogSoftmax(_) => return None,
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
        let layer = network.layer(at)?;
        match layer {
            Layer::Dense(_) | Layer::Conv(_) => {
                let is_same = is_same && self::start(network, at, layer).is_some_and(|next| next.is_shared);
                return Some(if is_same { Fate::Same(at) } else { Fate::Differ(at) }).filter(|_| start.is_shared);
            }
            Layer::Activation(Activation::Relu) if is_zero => return Some(Fate::Dead(at)),
            Layer::Activation(activation) => is_zero &= keeps_zero(*activation),
            Layer::Rescale(rescale) => is_zero &= rescale.offset == 0.0,
            // Each unit has its own mask, and channels may end up in other places.
            Layer::Dropout(_) | Layer::Reshape(_) => is_same = false,
            Layer::Softmax(_) | Layer::LogSoftmax(_) => is_zero = false,
            Layer::BatchNorm(_)
            | Layer::LayerNorm(_)
            | Layer::Normalize(_)
            | Layer::Prelu(_)
            | Layer::MaxPool(_)
            | Layer::AvgPool(_)
            | Layer::GlobalPool(_)
            | Layer::Flatten(_) => {}
            // Tokens are inputs.
            Layer::Embedding(_) => return None,
        }
    }
}

fn keeps_zero(activation: Activation) -> bool {
    match activation {
        Activation::Linear
        | Activation::Tanh
        | Activation::Relu
        | Activation::LeakyRelu { .. }
        | Activation::Elu { .. }
        | Activation::Selu
        | Activation::Gelu
        | Activation::GeluTanh
        | Activation::Silu
        | Activation::HardTanh
        | Activation::Step => true,
        Activation::Sigmoid | Activation::Softplus | Activation::HardSigmoid => false,
    }
}
