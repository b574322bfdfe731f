//! Passes: each takes a plan and gives a plan, and is one file named by a verb.

mod choose_dispatch;
mod drop_unused;
mod fuse_activation;
mod place_buffers;
mod write_outputs;

pub use choose_dispatch::choose_dispatch;

use crate::plan::Plan;

/// Runs all passes in order.
pub fn run(plan: Plan) -> Plan {
    let plan = write_outputs::write_outputs(plan);
    let plan = drop_unused::drop_unused(plan);
    let plan = fuse_activation::fuse_activation(plan);
    place_buffers::place_buffers(plan)
}
