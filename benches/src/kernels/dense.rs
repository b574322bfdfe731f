//! Dense layers.

use std::hint::black_box;
use std::io;

use nn_runtime::generated::isa;
use nn_runtime::generated::layers::activation::Linear;
use nn_runtime::generated::layers::dense::{Forward, InputGradient, WeightGradient};
use nn_runtime::generated::memory::{fixed_mut, rows_mut};

use super::bench::{Bench, Speeds, numbers};

/// Rows of a call.
const ROWS: [usize; 5] = [1, 8, 32, 128, 256];

/// Measures a grid of sizes.
pub fn grid(bench: &Bench) -> io::Result<()> {
    layer::<16, 16>(bench)?;
    layer::<64, 32>(bench)?;
    layer::<100, 100>(bench)?;
    layer::<128, 64>(bench)?;
    layer::<256, 256>(bench)?;
    layer::<784, 10>(bench)?;
    layer::<784, 128>(bench)?;
    layer::<512, 512>(bench)?;
    layer::<1024, 1024>(bench)
}

/// A layer from `K` features to `N` units.
fn layer<const K: usize, const N: usize>(bench: &Bench) -> io::Result<()> {
    for rows in ROWS {
        let [mut x, mut dx] = [(); 2].map(|()| numbers(rows * K));
        let [mut y, mut dy] = [(); 2].map(|()| numbers(rows * N));
        let [mut weight, mut dw] = [(); 2].map(|()| numbers(K * N));
        let (x, dx) = (rows_mut::<K>(x.as_mut_slice(), rows), rows_mut::<K>(dx.as_mut_slice(), rows));
        let (y, dy) = (rows_mut::<N>(y.as_mut_slice(), rows), rows_mut::<N>(dy.as_mut_slice(), rows));
        let (weight, dw) = (fixed_mut::<K, N>(weight.as_mut_slice()), fixed_mut::<K, N>(dw.as_mut_slice()));
        let work = (2 * rows * K * N) as f64;
        let forward = bench.time(work, || {
            let (x, weight) = (black_box(&*x), black_box(&*weight));
            isa::run(Forward { x, weight, panels: None, bias: None, activation: Linear, y });
        });
        let input = bench.time(work, || {
            isa::run(InputGradient {
                dy: black_box(dy),
                weight: black_box(weight),
                activation: Linear,
                saved: None,
                dx,
            });
        });
        let weights = bench.time(work, || {
            isa::run(WeightGradient { x: black_box(x), dy: black_box(dy), dw, db: None });
        });
        black_box((y, dx, dw));
        Speeds { forward, input, weights }.print(&format!("{K}→{N}"), rows)?;
    }
    Ok(())
}
