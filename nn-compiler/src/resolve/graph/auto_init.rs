//! `init: auto` becomes an initialiser that suits the next layers.

use crate::model::{Node, Value};
use crate::vocabulary::Init;

/// `init: auto` becomes what suits the first layer after it that determines an initialiser.
pub(super) fn resolve_auto(values: &mut [Value]) {
    let suited = suited_init(values);
    for (value, suited) in values.iter_mut().zip(suited) {
        if let Node::Layer { layer, .. } = &mut value.node
            && let Some(weights) = layer.rule_mut().weights_mut()
            && weights.init == Init::Auto
        {
            weights.init = suited;
        }
    }
}

/// For each value, what `init: auto` of its weights becomes: Glorot uniform if no layer reads it.
fn suited_init(values: &[Value]) -> Vec<Init> {
    let mut suited = vec![Init::GlorotUniform; values.len()];
    // Readers come after what they read, so all readers of a value are visited before it, the first one last.
    for index in (0..values.len()).rev() {
        let Node::Layer { layer, input } = &values[index].node else { continue };
        suited[input.0] = layer.rule().auto_init().unwrap_or(suited[index]);
    }
    suited
}
