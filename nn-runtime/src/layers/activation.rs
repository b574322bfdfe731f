//! What every activation is, a function of one number, and the kernels that apply it to a batch by itself (after a dense layer it is part
//! of that layer's forward kernel).
//!
//! y = f(x); backward: dx = dy·f′, with f′ taken from what the forward pass saved: the output, except for
//! [`Gelu`], [`GeluTanh`] and [`Silu`], which need their input.

use crate::isa::{Isa, Kernel};
use crate::math::{CHUNK, Function, map};

pub use super::elu::Elu;
pub use super::gelu::{Gelu, GeluTanh};
pub use super::hard_sigmoid::HardSigmoid;
pub use super::hard_tanh::HardTanh;
pub use super::leaky_relu::LeakyRelu;
pub use super::linear::Linear;
pub use super::relu::Relu;
pub use super::selu::Selu;
pub use super::sigmoid::Sigmoid;
pub use super::silu::Silu;
pub use super::softplus::Softplus;
pub use super::step::Step;
pub use super::tanh::Tanh;

/// An activation function f. Implementations are `#[inline(always)]`.
pub trait Activation: Copy {
    /// f(z).
    fn value<I: Isa>(self, z: f32) -> f32;

    /// f′, from what the forward pass saved.
    fn derivative<I: Isa>(self, saved: f32) -> f32;
}

/// y = f(x).
pub struct Forward<'a, A, const N: usize> {
    /// f.
    pub activation: A,
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<A: Activation, const N: usize> Kernel for Forward<'_, A, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.y.copy_from_slice(self.x);
        apply::<I, A>(self.activation, self.y.as_flattened_mut());
    }
}

/// dx = dy·f′.
pub struct Backward<'a, A, const N: usize> {
    /// f.
    pub activation: A,
    /// What the forward pass saved: its output, or its input.
    pub saved: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<A: Activation, const N: usize> Kernel for Backward<'_, A, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        self.dx.copy_from_slice(self.dy);
        multiply_derivative::<I, A>(self.activation, self.saved.as_flattened(), self.dx.as_flattened_mut());
    }
}

/// Replaces every z by f(z).
#[inline(always)]
pub(crate) fn apply<I: Isa, A: Activation>(activation: A, z: &mut [f32]) {
    map::<I, _>(Value(activation), z);
}

#[derive(Clone, Copy)]
struct Value<A>(A);

impl<A: Activation> Function for Value<A> {
    #[inline(always)]
    fn of<I: Isa>(self, x: f32) -> f32 {
        self.0.value::<I>(x)
    }
}

/// dy ← dy·f′; the last few are padded to a chunk, as in [`map`].
#[inline(always)]
fn multiply_derivative<I: Isa, A: Activation>(activation: A, saved: &[f32], dy: &mut [f32]) {
    assert_eq!(saved.len(), dy.len(), "as many gradient rows as saved ones");
    let (saved, saved_rest) = saved.as_chunks::<CHUNK>();
    let (dy, dy_rest) = dy.as_chunks_mut::<CHUNK>();
    for (saved, dy) in saved.iter().zip(dy) {
        for i in 0..CHUNK {
            dy[i] *= activation.derivative::<I>(saved[i]);
        }
    }
    let rest = dy_rest.len();
    if rest > 0 {
        let mut derivative = [0.0; CHUNK];
        derivative[..rest].copy_from_slice(saved_rest);
        for derivative in &mut derivative {
            *derivative = activation.derivative::<I>(*derivative);
        }
        for (dy, derivative) in dy_rest.iter_mut().zip(derivative) {
            *dy *= derivative;
        }
    }
}
