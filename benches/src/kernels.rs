//! The kernels of dense layers one by one: GFLOP/s and the share of this core's peak.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use nn_runtime::isa;
use nn_runtime::layers::activation::Linear;
use nn_runtime::layers::dense::{Forward, InputGradient, WeightGradient};
use nn_runtime::memory::{Buffer, fixed_mut, rows_mut};

use crate::peak;

/// Rows of a call.
const ROWS: [usize; 5] = [1, 8, 32, 128, 256];

/// Measures a grid of sizes, each for about so many seconds, and prints lines as it goes.
pub fn run(seconds: f64) -> Result<(), String> {
    let seconds = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    grid(&Bench { seconds }).map_err(|error| error.to_string())
}

fn grid(bench: &Bench) -> io::Result<()> {
    writeln!(io::stdout(), "{:>12} {:>5}  {:>18} {:>18} {:>18}", "layer", "rows", "forward", "dX", "dW")?;
    bench.layer::<16, 16>()?;
    bench.layer::<64, 32>()?;
    bench.layer::<100, 100>()?;
    bench.layer::<128, 64>()?;
    bench.layer::<256, 256>()?;
    bench.layer::<784, 10>()?;
    bench.layer::<784, 128>()?;
    bench.layer::<512, 512>()?;
    bench.layer::<1024, 1024>()
}

struct Bench {
    seconds: Duration,
}

impl Bench {
    /// A layer from `K` features to `N` units.
    fn layer<const K: usize, const N: usize>(&self) -> io::Result<()> {
        for rows in ROWS {
            // Where a cache line begins, as in a network.
            let numbers = |length: usize| {
                let mut buffer = Buffer::new(length);
                buffer.as_mut_slice().fill(0.5);
                buffer
            };
            let [mut x, mut dx] = [(); 2].map(|()| numbers(rows * K));
            let [mut y, mut dy] = [(); 2].map(|()| numbers(rows * N));
            let [mut weight, mut dw] = [(); 2].map(|()| numbers(K * N));
            let (x, dx) = (rows_mut::<K>(x.as_mut_slice(), rows), rows_mut::<K>(dx.as_mut_slice(), rows));
            let (y, dy) = (rows_mut::<N>(y.as_mut_slice(), rows), rows_mut::<N>(dy.as_mut_slice(), rows));
            let (weight, dw) = (fixed_mut::<K, N>(weight.as_mut_slice()), fixed_mut::<K, N>(dw.as_mut_slice()));
            let work = (2 * rows * K * N) as f64;
            let forward = self.time(work, || {
                let (x, weight) = (black_box(&*x), black_box(&*weight));
                isa::run(Forward { x, weight, bias: None, activation: Linear, y });
            });
            let input = self.time(work, || {
                isa::run(InputGradient {
                    dy: black_box(dy),
                    weight: black_box(weight),
                    activation: Linear,
                    saved: None,
                    dx,
                });
            });
            let gradient = self.time(work, || {
                isa::run(WeightGradient { x: black_box(x), dy: black_box(dy), dw });
            });
            black_box((y, dx, dw));
            writeln!(io::stdout(), "{:>12} {rows:>5}  {forward:>18} {input:>18} {gradient:>18}", format!("{K}→{N}"))?;
        }
        Ok(())
    }

    /// The speed of some work, and its share of the peak that is measured just before it.
    fn time(&self, work: f64, mut compute: impl FnMut()) -> String {
        let peak = self.rate(peak::flops() as f64, || {
            // It cannot fail.
            let _ = peak::task().run(1);
        });
        let rate = self.rate(work, &mut compute);
        format!("{:7.1} GF {:4.0} %", rate / 1e9, rate / peak * 100.0)
    }

    /// Work per second: the best of five, since everything that disturbs makes it slower.
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
