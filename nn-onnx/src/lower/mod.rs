//! From the nodes of a graph to the layers of a spec.
//!
//! Each value of the file is a [`View`] of a step of the spec. A node becomes a layer, a join, another view, or a
//! refusal. A node that reads what was refused is not reported, unless its operator can never be expressed.

mod activations;
mod dense;
mod interfaces;
mod joins;
mod layout;
mod lowering;
mod norms;
mod pools;
mod supported;
mod view;
mod views;
mod windows;

#[cfg(test)]
mod tests;

pub use interfaces::Interface;

use crate::error::Refusal;
use crate::graph::Graph;
use crate::spec::Spec;
use lowering::Lowering;

/// A network in the layers of the language.
pub struct Lowered {
    /// The spec.
    pub spec: Spec,
    /// How its inputs relate to those of the file.
    pub inputs: Vec<Interface>,
    /// How its outputs relate to those of the file.
    pub outputs: Vec<Interface>,
    /// What was done that a reader should know.
    pub notes: Vec<String>,
}

/// Lowers a graph.
///
/// # Errors
///
/// All that cannot be expressed.
pub fn lower(graph: &Graph) -> Result<Lowered, Vec<Refusal>> {
    let mut lowering = Lowering::new(graph);
    let mut refusals = graph.refusals.clone();
    let inputs = interfaces::inputs(&mut lowering);
    for node in &graph.nodes {
        if let Err(reason) = lowering.node(node) {
            refusals.push(node.refused(reason));
        }
    }
    let outputs = interfaces::outputs(&mut lowering, &mut refusals);
    let Lowering { spec, notes, .. } = lowering;
    if refusals.is_empty() { Ok(Lowered { spec, inputs, outputs, notes }) } else { Err(refusals) }
}
