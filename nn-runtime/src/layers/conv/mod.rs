//! `conv1d`, `conv2d`: y = f(W∗x + b), the cross-correlation of the channels of an image with
//! windows of weights.
//!
//! | value | shape                                   |
//! | ----- | --------------------------------------- |
//! | x     | `[rows, channels, height, width]`       |
//! | W     | `[outputs, channels/groups, SIZE]`      |
//! | b     | `[outputs]`                             |
//! | y     | `[rows, outputs, OUTPUT]`               |
//!
//! `y[o, i, j] = b[o] + Σ W[o, c, k, l]·x[c, S·i + D·k − P, S·j + D·l − P]` over the channels c of
//! the group of o and over the window; what lies outside of the image is 0. A sequence is an image
//! of height 1.
//!
//! Backward, with dy the gradient of W∗x + b: `dW[o, c, k, l] += Σ dy[o, i, j]·x[c, …]` over rows
//! and positions, db += Σ dy, and dx is the sum of the products that contain x.
//!
//! There is no matrix of windows: a band of the padded image is packed, in which each tap finds
//! sixteen neighbouring positions in sixteen neighbouring numbers (`sizes.rs`). The order of every
//! sum is that of channels, rows and columns of the window (dW: of rows of the batch and
//! positions), whatever it is cut into.
//!
//! Type parameters: `S` is the window, `C` and `M` are the channels and the outputs of a group, `X`
//! and `Y` the numbers of a row of x and of y.

mod band;
mod pass;
mod sizes;
mod weight_gradient;

#[cfg(test)]
mod tests;

use core::marker::PhantomData;

use super::activation::Activation;
use super::window::Window;
use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::threads::{Shared, Split};
use band::Band;
use pass::{Output, Pass, Plain, Stage, Transposed, taps};
#[cfg(feature = "std")]
pub(crate) use sizes::{BAND, BANDS, STAGES};
use sizes::{Backward, Cut, Taps, in_least_memory};

pub use weight_gradient::WeightGradient;

/// y = f(W∗x + b).
pub struct Forward<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize, A> {
    /// The window.
    pub window: S,
    /// The input rows.
    pub x: &'a [[f32; X]],
    /// W.
    pub weight: &'a [f32],
    /// b, if the layer has one.
    pub bias: Option<&'a [f32]>,
    /// f.
    pub activation: A,
    /// The output rows, written.
    pub y: &'a mut [[f32; Y]],
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation> Kernel
    for Forward<'_, S, C, M, X, Y, A>
{
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        in_least_memory!(
            sizes::Forward::<S, C, M>::CUT.numbers(),
            pass::vectors::<I, sizes::Forward<S, C, M>>(),
            |B, K| self.rows::<I, B, K>()
        );
    }
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation>
    Forward<'_, S, C, M, X, Y, A>
{
    /// All rows, with a band of `B` numbers and a stage of `K` vectors.
    #[inline(always)]
    fn rows<I: Isa, const B: usize, const K: usize>(self) {
        let (mut band, mut stage) = (Band::<B>::new(), Stage::<K>::new());
        let (inputs, outputs) = (C * S::INPUT[0] * S::INPUT[1], M * S::OUTPUT[0] * S::OUTPUT[1]);
        for (x, y) in self.x.iter().zip(self.y) {
            for group in 0..S::CHANNELS / C {
                let out = Activated {
                    window: PhantomData::<S>,
                    bias: self.bias.map(|bias| &bias[group * M..][..M]),
                    activation: self.activation,
                    y: &mut y[group * outputs..][..outputs],
                };
                Pass {
                    taps: sizes::Forward::<S, C, M>::NEW,
                    weights: Plain::<S, C>(
                        &self.weight[group * M * C * taps::<S>()..][..M * C * taps::<S>()],
                        PhantomData,
                    ),
                    image: &x[group * inputs..][..inputs],
                    out,
                    band: &mut band,
                    stage: &mut stage,
                }
                .run::<I>();
            }
        }
    }
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation + Send> Shared
    for Forward<'_, S, C, M, X, Y, A>
{
    type Piece = Self;

    fn whole(self) -> Self {
        self
    }
}

/// By rows.
impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation + Send> Split
    for Forward<'_, S, C, M, X, Y, A>
{
    const GRAIN: usize = 1;

    fn size(&self) -> usize {
        self.y.len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let ((x, x_rest), (y, y_rest)) = (self.x.split_at(index), self.y.split_at_mut(index));
        let Self { window, weight, bias, activation, .. } = self;
        (
            Self { window, x, weight, bias, activation, y },
            Self { window, x: x_rest, weight, bias, activation, y: y_rest },
        )
    }
}

/// f of the sums, for a group of outputs.
struct Activated<'a, S, A> {
    window: PhantomData<S>,
    bias: Option<&'a [f32]>,
    activation: A,
    y: &'a mut [f32],
}

impl<S: Window, A: Activation> Output for Activated<'_, S, A> {
    #[inline(always)]
    fn begin(&self, sum: usize) -> f32 {
        match self.bias {
            Some(bias) => bias[sum],
            None => 0.0,
        }
    }

    #[inline(always)]
    fn finish<I: Isa>(&mut self, sum: usize, origin: [usize; 2], cut: Cut, sums: &[f32]) {
        let [height, width] = S::OUTPUT;
        for r in 0..cut.tile[0] {
            let from = &sums[r * cut.plane[1]..][..cut.tile[1]];
            let to = &mut self.y[(sum * height + origin[0] + r) * width + origin[1]..][..cut.tile[1]];
            activate::<I::Vector, A>(self.activation, from, to);
        }
    }
}

/// `y = f(z)`
#[inline(always)]
fn activate<V: Vector, A: Activation>(activation: A, z: &[f32], y: &mut [f32]) {
    let ((z, z_rest), (y, y_rest)) = (z.as_chunks::<LANES>(), y.as_chunks_mut::<LANES>());
    for (z, y) in z.iter().zip(y) {
        activation.value(V::load(z)).store(y);
    }
    if !y_rest.is_empty() {
        activation.value(V::load_part(z_rest)).store_part(y_rest);
    }
}

/// dx, times f′ of the activation before the layer where it has one.
pub struct InputGradient<'a, S, const C: usize, const M: usize, const X: usize, const Y: usize, A> {
    /// The window.
    pub window: S,
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; Y]],
    /// W.
    pub weight: &'a [f32],
    /// f.
    pub activation: A,
    /// What f′ is taken from, as by [`activation::Backward`](super::activation::Backward); without
    /// it there is no f.
    pub saved: Option<&'a [[f32; X]]>,
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; X]],
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation> Kernel
    for InputGradient<'_, S, C, M, X, Y, A>
{
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.dy.len(), self.dx.len(), "one gradient row for each row");
        in_least_memory!(
            sizes::Backward::<S, C, M>::CUT.numbers(),
            pass::vectors::<I, sizes::Backward<S, C, M>>(),
            |B, K| self.rows::<I, B, K>()
        );
    }
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation>
    InputGradient<'_, S, C, M, X, Y, A>
{
    /// All rows, with a band of `B` numbers and a stage of `K` vectors.
    #[inline(always)]
    fn rows<I: Isa, const B: usize, const K: usize>(self) {
        let (mut band, mut stage) = (Band::<B>::new(), Stage::<K>::new());
        let (inputs, outputs) = (C * S::INPUT[0] * S::INPUT[1], M * S::OUTPUT[0] * S::OUTPUT[1]);
        for (row, (dy, dx)) in self.dy.iter().zip(self.dx).enumerate() {
            let saved = self.saved.map(|saved| &saved[row]);
            for group in 0..S::CHANNELS / C {
                for job in 0..S::STRIDE[0] * S::STRIDE[1] {
                    let taps_of = Backward::<S, C, M>::new([job / S::STRIDE[1], job % S::STRIDE[1]]);
                    let weight = &self.weight[group * M * C * taps::<S>()..][..M * C * taps::<S>()];
                    let out = Derived {
                        window: PhantomData::<S>,
                        remainder: taps_of.remainder,
                        activation: self.activation,
                        saved: saved.map(|saved| &saved[group * inputs..][..inputs]),
                        dx: &mut dx[group * inputs..][..inputs],
                    };
                    Pass {
                        taps: taps_of,
                        weights: Transposed::<S, C>(weight, PhantomData),
                        image: &dy[group * outputs..][..outputs],
                        out,
                        band: &mut band,
                        stage: &mut stage,
                    }
                    .run::<I>();
                }
            }
        }
    }
}

impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation + Send> Shared
    for InputGradient<'_, S, C, M, X, Y, A>
{
    type Piece = Self;

    fn whole(self) -> Self {
        self
    }
}

/// By rows.
impl<S: Window, const C: usize, const M: usize, const X: usize, const Y: usize, A: Activation + Send> Split
    for InputGradient<'_, S, C, M, X, Y, A>
{
    const GRAIN: usize = 1;

    fn size(&self) -> usize {
        self.dx.len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let ((dy, dy_rest), (dx, dx_rest)) = (self.dy.split_at(index), self.dx.split_at_mut(index));
        let (saved, saved_rest) = self.saved.map(|saved| saved.split_at(index)).unzip();
        let Self { window, weight, activation, .. } = self;
        let rest = Self { window, dy: dy_rest, weight, activation, saved: saved_rest, dx: dx_rest };
        (Self { window, dy, weight, activation, saved, dx }, rest)
    }
}

/// The sums times f′, for the inputs of a group that leave the same remainders by the stride.
struct Derived<'a, S, A> {
    window: PhantomData<S>,
    remainder: [usize; 2],
    activation: A,
    saved: Option<&'a [f32]>,
    dx: &'a mut [f32],
}

impl<S: Window, A: Activation> Output for Derived<'_, S, A> {
    #[inline(always)]
    fn begin(&self, _: usize) -> f32 {
        0.0
    }

    #[inline(always)]
    fn finish<I: Isa>(&mut self, sum: usize, origin: [usize; 2], cut: Cut, sums: &[f32]) {
        let ([height, width], [down, across]) = (S::INPUT, S::STRIDE);
        for r in 0..cut.tile[0] {
            let row = (origin[0] + r) * down + self.remainder[0];
            if row >= height {
                return;
            }
            let first = origin[1] * across + self.remainder[1];
            let place = (sum * height + row) * width;
            let from = &sums[r * cut.plane[1]..][..cut.tile[1]];
            if across == 1 {
                let saved = self.saved.map(|saved| &saved[place + first..][..cut.tile[1]]);
                derive::<I::Vector, A>(self.activation, from, saved, &mut self.dx[place + first..][..cut.tile[1]]);
            } else {
                let (mut derived, saved) = ([0.0; LANES], self.saved);
                for (chunk, from) in from.chunks(LANES).enumerate() {
                    let first = first + chunk * LANES * across;
                    let columns = (first..width).step_by(across).take(from.len());
                    let mut kept = [0.0; LANES];
                    for (kept, column) in kept.iter_mut().zip(columns.clone()) {
                        *kept = saved.map_or(0.0, |saved| saved[place + column]);
                    }
                    let kept = saved.map(|_| &kept[..from.len()]);
                    derive::<I::Vector, A>(self.activation, from, kept, &mut derived[..from.len()]);
                    for (derived, column) in derived.iter().zip(columns) {
                        self.dx[place + column] = *derived;
                    }
                }
            }
        }
    }
}

/// `dx = dy·f′(saved)`, or dy where nothing is saved.
#[inline(always)]
fn derive<V: Vector, A: Activation>(activation: A, dy: &[f32], saved: Option<&[f32]>, dx: &mut [f32]) {
    let Some(saved) = saved else { return dx.copy_from_slice(dy) };
    for ((dy, saved), dx) in dy.chunks(LANES).zip(saved.chunks(LANES)).zip(dx.chunks_mut(LANES)) {
        (V::load_part(dy) * activation.derivative(V::load_part(saved))).store_part(dx);
    }
}

/// db += Σ dy over rows and positions; `B` outputs of `Y / B` positions.
pub struct BiasGradient<'a, const B: usize, const Y: usize> {
    /// The gradient of the output before its activation.
    pub dy: &'a [[f32; Y]],
    /// The gradient of b, accumulated.
    pub db: &'a mut [f32; B],
}

impl<const B: usize, const Y: usize> Kernel for BiasGradient<'_, B, Y> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        for dy in self.dy {
            for (db, dy) in self.db.iter_mut().zip(dy.chunks_exact(Y / B)) {
                let (vectors, rest) = dy.as_chunks::<LANES>();
                let mut sums = I::Vector::load_part(rest);
                for vector in vectors {
                    sums = sums + I::Vector::load(vector);
                }
                *db += sums.sum();
            }
        }
    }
}
