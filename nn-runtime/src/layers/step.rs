//! `step`: f(z) = 1 where z > 0, else 0 (Rosenblatt 1958).
//!
//! Derivative, from the output: 0: the perceptron rule does without it.

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = 1 where z > 0, else 0 (Rosenblatt 1958).
#[derive(Clone, Copy, Debug)]
pub struct Step;

impl Activation for Step {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        if z > 0.0 { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, _: f32) -> f32 {
        0.0
    }
}
