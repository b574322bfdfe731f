//! What every activation is, a function of one number given on vectors of them, and the kernels
//! that apply it to a batch by itself (after a dense layer it is part of that layer's forward
//! kernel).
//!
//! y = f(x); backward: dx = dy·f′, with f′ taken from what the forward pass saved: the output,
//! except for [`Gelu`], [`GeluTanh`], [`Silu`], [`HardSwish`] and [`Mish`], which need their input.

mod bounded_relu;
mod elu;
mod gelu;
mod hard_sigmoid;
mod hard_swish;
mod hard_tanh;
mod leaky_relu;
mod linear;
mod mish;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod softplus;
mod step;
mod tanh;

use crate::isa::{Isa, Kernel, LANES, Vector};
use crate::math::{Function, map};

pub use bounded_relu::BoundedRelu;
pub use elu::Elu;
pub use gelu::{Gelu, GeluTanh};
pub use hard_sigmoid::HardSigmoid;
pub use hard_swish::HardSwish;
pub use hard_tanh::HardTanh;
pub use leaky_relu::LeakyRelu;
pub use linear::Linear;
pub use mish::Mish;
pub use relu::Relu;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softplus::Softplus;
pub use step::Step;
pub use tanh::Tanh;

/// An activation function f. Implementations are `#[inline(always)]`.
pub trait Activation: Copy {
    /// Whether f(z) is z.
    const IS_IDENTITY: bool = false;

    /// f(z).
    fn value<V: Vector>(self, z: V) -> V;

    /// f′, from what the forward pass saved.
    fn derivative<V: Vector>(self, saved: V) -> V;
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
        apply::<I::Vector, A>(self.activation, self.y.as_flattened_mut());
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
        let Self { activation, saved, dy, dx } = self;
        assert!(saved.len() == dy.len() && dy.len() == dx.len(), "equally many rows");
        let (saved, saved_rest) = saved.as_flattened().as_chunks::<LANES>();
        let (dy, dy_rest) = dy.as_flattened().as_chunks::<LANES>();
        let (dx, dx_rest) = dx.as_flattened_mut().as_chunks_mut::<LANES>();
        for ((saved, dy), dx) in saved.iter().zip(dy).zip(dx) {
            let derivative = activation.derivative(I::Vector::load(saved));
            (I::Vector::load(dy) * derivative).store(dx);
        }
        if !dx_rest.is_empty() {
            let derivative = activation.derivative(I::Vector::load_part(saved_rest));
            (I::Vector::load_part(dy_rest) * derivative).store_part(dx_rest);
        }
    }
}

/// Replaces every z by f(z).
#[inline(always)]
pub(crate) fn apply<V: Vector, A: Activation>(activation: A, z: &mut [f32]) {
    map::<V, _>(Value(activation), z);
}

#[derive(Clone, Copy)]
struct Value<A>(A);

impl<A: Activation> Function for Value<A> {
    #[inline(always)]
    fn of<V: Vector>(self, x: V) -> V {
        self.0.value(x)
    }
}

#[cfg(test)]
// PyTorch's values, as they were printed.
#[allow(clippy::excessive_precision, clippy::approx_constant)]
mod tests;
