//! What every activation is: a function of one number, and its derivative from what the forward pass saved.

use crate::isa::Isa;
use crate::math::Function;

/// An activation function f.
pub trait Activation: Copy {
    /// f(z).
    fn value<I: Isa>(self, z: f32) -> f32;

    /// f′, from the number that the forward pass saved.
    fn derivative<I: Isa>(self, saved: f32) -> f32;
}

/// An activation as a function to be mapped.
#[derive(Clone, Copy)]
pub(crate) struct Value<A>(pub A);

impl<A: Activation> Function for Value<A> {
    #[inline(always)]
    fn of<I: Isa>(self, x: f32) -> f32 {
        self.0.value::<I>(x)
    }
}

/// f(z) = z.
#[derive(Clone, Copy)]
pub struct Linear;
impl Activation for Linear {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        z
    }
    #[inline(always)]
    fn derivative<I: Isa>(self, _: f32) -> f32 {
        1.0
    }
}
/// f(z) = z.
#[derive(Clone, Copy)]
pub struct Relu;
impl Activation for Relu {
    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        if z < 0.0 { 0.0 } else { z }
    }
    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }
}
