//! What the steps of a backward pass are for: the gradients of the parameters, those of the inputs, or both. A caller
//! may want either alone.

use super::program::Program;
use super::roles::{Fields, Roles};
use super::tensor::Tensors;

/// What a step of the backward pass is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Whether it computes a gradient of a parameter that learns, or something that one is computed from.
    pub parameters: bool,
    /// Whether it computes a gradient of an input, or something that one is computed from.
    pub inputs: bool,
}

/// What each step after the forward pass is for, in order.
pub fn needs<O: Fields>(plan: &Program<O>, tensors: &Tensors) -> Vec<Need> {
    let nothing = Need { parameters: false, inputs: false };
    let mut read = vec![nothing; plan.buffers.len()];
    let mut needs = Vec::new();
    for step in plan.steps[plan.forward..].iter().rev() {
        let Roles { reads, writes, gradients, gives_gradient, .. } = step.op.roles();
        let mut need =
            Need { parameters: gradients.iter().any(|tensor| tensors.get(*tensor).learns()), inputs: gives_gradient };
        for write in writes {
            need = need.or(read[write.0]);
        }
        for buffer in reads {
            read[buffer.0] = read[buffer.0].or(need);
        }
        needs.push(need);
    }
    needs.reverse();
    needs
}

impl Need {
    fn or(self, other: Self) -> Self {
        Self { parameters: self.parameters || other.parameters, inputs: self.inputs || other.inputs }
    }
}
