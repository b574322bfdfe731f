//! What is done with a graph before it becomes layers, in order. Each pass is a file.

mod class_tails;
mod drop_identities;
mod drop_unused;
mod evaluate;
mod fuse_affine;
mod fuse_dense;
mod fuse_gelu;
mod fuse_hard_swish;
mod fuse_layer_norm;
mod fuse_mish;
mod fuse_silu;
mod fuse_softplus;
mod product;

#[cfg(test)]
pub mod sample;

use crate::graph::Graph;

/// Runs all passes. `memory` is how many elements constants may have that are computed.
pub fn run(graph: &mut Graph, memory: usize) {
    evaluate::run(graph, memory);
    drop_identities::run(graph);
    class_tails::run(graph);
    drop_unused::run(graph);
    fuse_softplus::run(graph);
    fuse_gelu::run(graph);
    fuse_silu::run(graph);
    fuse_mish::run(graph);
    fuse_hard_swish::run(graph);
    fuse_layer_norm::run(graph);
    fuse_dense::run(graph);
    drop_unused::run(graph);
    fuse_affine::run(graph);
    drop_unused::run(graph);
}
