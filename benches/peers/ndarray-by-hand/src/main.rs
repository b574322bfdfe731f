//! The workloads written by hand on ndarray, with care: every buffer exists before the first step,
//! products go straight into them (`general_mat_mul`, which is matrixmultiply), everything else is
//! one loop over slices.

mod convolution;
mod network;
mod optimizer;
mod parameter;
mod task;

use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("ndarray-by-hand", "ndarray 0.17", &folder, from_arrays(task::task))
}
