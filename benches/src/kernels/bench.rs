//! Measuring one kernel.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use nn_runtime::generated::memory::Buffer;

use crate::peak;

/// Numbers that begin at a cache line, as in a network.
pub fn numbers(length: usize) -> Buffer {
    let mut buffer = Buffer::new(length);
    buffer.as_mut_slice().fill(0.5);
    buffer
}

/// The speed of the kernels of a layer, in words.
pub struct Speeds {
    pub forward: String,
    pub input: String,
    pub weights: String,
}

impl Speeds {
    /// Prints a line of the table.
    pub fn print(&self, layer: &str, rows: usize) -> io::Result<()> {
        let Self { forward, input, weights } = self;
        writeln!(io::stdout(), "{layer:>31} {rows:>5}  {forward:>18} {input:>18} {weights:>18}")
    }
}

/// Measures work.
pub struct Bench {
    /// For how long each kernel is measured.
    pub seconds: Duration,
}

impl Bench {
    /// The speed of some work, and its share of the peak that is measured just before it.
    pub fn time(&self, work: f64, mut compute: impl FnMut()) -> String {
        let peak = self.rate(peak::flops() as f64, || {
            // It cannot fail.
            let _ = peak::task().run(1);
        });
        let rate = self.rate(work, &mut compute);
        format!("{:7.1} GF {:4.0} %", rate / 1e9, rate / peak * 100.0)
    }

    /// Work per second: the best of five, since every disturbance makes it slower.
    fn rate(&self, work: f64, mut compute: impl FnMut()) -> f64 {
        let part = self.seconds / 5;
        let rates = (0..5).map(|_| {
            let (start, mut calls) = (Instant::now(), 0_u64);
            while start.elapsed() < part {
                (0..8).for_each(|_| compute());
                calls += 8;
            }
            work * calls as f64 / start.elapsed().as_secs_f64()
        });
        rates.fold(0.0, f64::max)
    }
}
