//! Layout: the tensors of every layer, named and placed in flat memory.
//!
//! Guarantees: names are unique and stable (`digit.0.weight`: the value that a statement binds, the layer's number
//! among those of that value that hold tensors, the tensor); each tensor starts at a multiple of 64 bytes.

use crate::model::{Model, Node};
use crate::plan::{Tensor, TensorKind, Tensors};
use crate::shape::Shapes;

/// Lays out the tensors of all layers in the order of the graph.
pub fn lay_out(model: &Model, shapes: &Shapes) -> Tensors {
    let mut tensors = Tensors::default();
    for id in model.ids() {
        let value = model.value(id);
        let Node::Layer { layer, input } = &value.node else { continue };
        for spec in layer.rule().parameters(shapes.of(*input)) {
            let kind = if spec.trainable { TensorKind::Parameter } else { TensorKind::Statistic };
            let name = format!("{}.{}", value.label, spec.name);
            tensors.push(Tensor {
                name,
                shape: spec.shape,
                kind,
                offset: 0,
                init: spec.init,
                l1: spec.l1,
                l2: spec.l2,
            });
        }
    }
    tensors
}
