//! Passes: each takes a plan and returns a plan, and is one file named by a verb.

mod borrow_inputs;
mod choose_dispatch;
mod choose_threads;
mod drop_unused;
mod fuse_activation;
mod fuse_update;
mod place_buffers;
mod write_outputs;

pub use choose_dispatch::choose_dispatch;
pub use choose_threads::{choose_threads, pays_for_threads};

use crate::plan::{Plan, Tensors};

/// Runs all passes in order.
pub fn run(plan: Plan) -> Plan {
    place_buffers::place_buffers(reduce(plan))
}

/// Runs all passes on a training plan, and makes it a whole step, updates included.
pub fn run_with_update(plan: Plan, tensors: &Tensors) -> Plan {
    place_buffers::place_buffers(fuse_update::fuse_update(reduce(plan), tensors))
}

/// Runs all passes on a plan whose two parts run apart.
pub fn run_external(plan: Plan) -> Plan {
    place_buffers::place_buffers(borrow_inputs::borrow_inputs(reduce(plan)))
}

fn reduce(plan: Plan) -> Plan {
    let plan = write_outputs::write_outputs(plan);
    let plan = drop_unused::drop_unused(plan);
    fuse_activation::fuse_activation(plan)
}
