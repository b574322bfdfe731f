//! The workloads on candle: its layers, losses and optimizer, on the CPU.

mod network;
mod task;

use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("candle", "candle 0.11", &folder, from_arrays(task::task))
}
