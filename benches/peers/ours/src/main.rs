//! Our implementation as a program like those of the peers. Timings use the same code inside `nn-bench`; this program
//! shows the cost of building it.

#[path = "../../../src/workloads/mod.rs"]
mod workloads;

use std::io;
use std::path::PathBuf;

use nn_bench_protocol::serve;
use nn_bench_protocol::serve::from_arrays;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).unwrap_or_default());
    serve("ours", "here", &folder, from_arrays(workloads::task))
}
