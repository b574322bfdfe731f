//! Layout: the tensors of every layer, named and placed in flat memory.
//!
//! Guarantees: names are unique and stable (`digit.0.weight`: the value that a statement binds, the layer's number
//! among those of that value that hold tensors, the tensor); each tensor starts at a multiple of 64 bytes; frozen
//! parameters are after those that learn.
//!
//! Frozen parameters come last, so that gradients and optimizer memory are a prefix of the
//! parameters. Tensors keep their order in `Tensors`, so initial weights are drawn the same with
//! and without `freeze`. An operation that computes the gradients of its input and of a frozen
//! parameter in one pass writes the latter to numbers on the stack, which saves a second kernel.

use crate::model::{Model, Node};
use crate::plan::{Tensor, TensorKind, Tensors};
use crate::shape::Shapes;

/// Lays out the tensors of all layers in the order of the graph.
pub fn lay_out(model: &Model, shapes: &Shapes) -> Tensors {
    let mut tensors = Vec::new();
    for id in model.ids() {
        let value = model.value(id);
        let Node::Layer { layer, input } = &value.node else { continue };
        for spec in layer.rule().parameters(shapes.of(*input)) {
            let kind = if spec.trainable { TensorKind::Parameter } else { TensorKind::Statistic };
            let name = format!("{}.{}", value.label, spec.name);
            // Tensors that do not learn have no penalty.
            let penalty = |strength| if value.is_frozen { 0.0 } else { strength };
            tensors.push(Tensor {
                name,
                value: id,
                shape: spec.shape,
                kind,
                offset: 0,
                init: spec.init,
                l1: penalty(spec.l1),
                l2: penalty(spec.l2),
                is_frozen: value.is_frozen,
                rate: value.rate,
            });
        }
    }
    Tensors::placed(tensors)
}
