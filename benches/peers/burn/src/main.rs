//! The workloads on burn: its layers, losses and optimizers, on `burn-flex`, which is its backend for CPUs in Rust
//! alone; `burn-ndarray` is deprecated for it, and `burn-cpu` needs LLVM.

mod network;
mod task;

use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("burn", "burn 0.22 (flex)", &folder, from_arrays(task::task))
}
