//! The hash that says of which model weights are.

use sha2::{Digest, Sha256};

use crate::compiled::Compiled;
use crate::ids::ValueId;
use crate::model::Node;

/// Identifies what determines the names, shapes and meaning of a model's tensors: not `train`, not `data`,
/// not initialisers, penalties or dropout.
pub fn hash(compiled: &Compiled) -> String {
    let Compiled { model, shapes, .. } = compiled;
    let mut hasher = Sha256::new();
    let mut named: Vec<ValueId> = Vec::with_capacity(model.values.len());
    for id in model.ids() {
        let value = model.value(id);
        // Layers that do not change values at inference are ignored.
        let through = |id: &ValueId| named[id.0];
        let (what, inputs): (String, Vec<ValueId>) = match &value.node {
            Node::Input { .. } => ("input".to_owned(), Vec::new()),
            Node::Layer { layer, input } => match layer.rule().identity() {
                Some(identity) => (identity, vec![through(input)]),
                None => {
                    named.push(through(input));
                    continue;
                }
            },
            Node::Merge { merge, inputs } => (merge.name().to_owned(), inputs.iter().map(through).collect()),
        };
        named.push(id);
        hasher.update(format!("{} {what} {} {inputs:?}\n", value.label, shapes.of(id)));
    }
    let outputs: Vec<ValueId> = model.outputs.iter().map(|output| named[output.0]).collect();
    hasher.update(format!("{:?} {outputs:?}", model.inputs));
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
