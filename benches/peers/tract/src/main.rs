//! The workloads that only predict, on tract, which is for inference.

mod network;
mod task;

use std::env;
use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;
use tract_linalg::multithread::{Executor, set_default_executor};

fn main() -> io::Result<()> {
    let threads = env::var("NN_BENCH_THREADS").ok().and_then(|threads| threads.parse().ok()).unwrap_or(1);
    // A pool of one thread would only be a detour.
    if threads > 1 {
        set_default_executor(Executor::multithread(threads));
    }
    let folder = PathBuf::from(env::args_os().nth(1).unwrap_or_default());
    serve("tract", "tract 0.23", &folder, from_arrays(task::task))
}
