//! The kernels one by one: GFLOP/s and the share of this core's peak.

mod bench;
mod convolution;
mod dense;

use std::io::{self, Write};
use std::time::Duration;

use bench::Bench;

/// Measures dense layers and convolutions, each for about this many seconds, and prints lines as
/// results arrive.
pub fn run(seconds: f64) -> Result<(), String> {
    let seconds = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    grids(&Bench { seconds }).map_err(|error| error.to_string())
}

fn grids(bench: &Bench) -> io::Result<()> {
    writeln!(io::stdout(), "{:>31} {:>5}  {:>18} {:>18} {:>18}", "layer", "rows", "forward", "dX", "dW")?;
    dense::grid(bench)?;
    convolution::grid(bench)
}
