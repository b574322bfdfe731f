//! Convolutions. Products with the zeros around an image count as work, as they do everywhere.

use std::hint::black_box;
use std::io;

use nn_runtime::generated::isa;
use nn_runtime::generated::layers::activation::Linear;
use nn_runtime::generated::layers::conv::{Forward, InputGradient, WeightGradient};
use nn_runtime::generated::layers::window::Window;
use nn_runtime::generated::memory::rows_mut;

use super::bench::{Bench, Speeds, numbers};

/// Images of a call.
const ROWS: [usize; 2] = [1, 32];

/// A square window that moves by one over square images with `PADDING` zeros on each side.
#[derive(Clone, Copy, Default)]
struct Square<const CHANNELS: usize, const INPUT: usize, const SIZE: usize, const PADDING: usize>;

impl<const CHANNELS: usize, const INPUT: usize, const SIZE: usize, const PADDING: usize> Window
    for Square<CHANNELS, INPUT, SIZE, PADDING>
{
    const CHANNELS: usize = CHANNELS;
    const INPUT: [usize; 2] = [INPUT; 2];
    const OUTPUT: [usize; 2] = [INPUT + 2 * PADDING + 1 - SIZE; 2];
    const SIZE: [usize; 2] = [SIZE; 2];
    const STRIDE: [usize; 2] = [1; 2];
    const PADDING: [usize; 2] = [PADDING; 2];
    const DILATION: [usize; 2] = [1; 2];
}

/// Measures the two layers of LeNet-5, two of residual networks, one by channels, and one of single
/// pixels.
pub fn grid(bench: &Bench) -> io::Result<()> {
    layer::<Square<1, 28, 5, 2>, 1, 6, 784, 4704>(bench)?;
    layer::<Square<6, 14, 5, 0>, 6, 16, 1176, 1600>(bench)?;
    layer::<Square<16, 32, 3, 1>, 16, 16, 16_384, 16_384>(bench)?;
    layer::<Square<64, 16, 3, 1>, 64, 64, 16_384, 16_384>(bench)?;
    layer::<Square<64, 16, 3, 1>, 1, 1, 16_384, 16_384>(bench)?;
    layer::<Square<64, 8, 1, 0>, 64, 128, 4096, 8192>(bench)
}

/// A layer whose groups have `C` channels and `M` outputs, from images of `X` numbers to images of
/// `Y`.
fn layer<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize>(bench: &Bench) -> io::Result<()> {
    let (groups, [height, width]) = (S::CHANNELS / C, S::SIZE);
    let weights = groups * M * C * height * width;
    let outputs = groups * M;
    let by_group = if groups > 1 { format!(" in {groups} groups") } else { String::new() };
    let name = format!("{height}×{width} {}→{outputs} on {}×{}{by_group}", S::CHANNELS, S::INPUT[0], S::INPUT[1]);
    for rows in ROWS {
        let [mut x, mut dx] = [(); 2].map(|()| numbers(rows * X));
        let [mut y, mut dy] = [(); 2].map(|()| numbers(rows * Y));
        let [mut weight, mut dw] = [(); 2].map(|()| numbers(weights));
        let (x, dx) = (rows_mut::<X>(x.as_mut_slice(), rows), rows_mut::<X>(dx.as_mut_slice(), rows));
        let (y, dy) = (rows_mut::<Y>(y.as_mut_slice(), rows), rows_mut::<Y>(dy.as_mut_slice(), rows));
        let (weight, dw) = (weight.as_mut_slice(), dw.as_mut_slice());
        let (window, work) = (S::default(), (2 * rows * Y * C * height * width) as f64);
        let forward = bench.time(work, || {
            let (x, weight) = (black_box(&*x), black_box(&*weight));
            isa::run(Forward::<S, C, M, X, Y, _> { window, x, weight, bias: None, activation: Linear, y });
        });
        let input = bench.time(work, || {
            let (dy, weight) = (black_box(&*dy), black_box(&*weight));
            isa::run(InputGradient::<S, C, M, X, Y, _> { window, dy, weight, activation: Linear, saved: None, dx });
        });
        let weights = bench.time(work, || {
            isa::run(WeightGradient::<S, C, M, X, Y> { window, x: black_box(x), dy: black_box(dy), dw });
        });
        black_box((y, dx, dw));
        Speeds { forward, input, weights }.print(&name, rows)?;
    }
    Ok(())
}
