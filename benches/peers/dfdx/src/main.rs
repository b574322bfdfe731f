//! The workloads on dfdx: networks as types of known widths, its losses and optimizers, on the CPU.

mod network;
mod task;
mod weights;

use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("dfdx", "dfdx 0.13", &folder, from_arrays(task::task))
}
