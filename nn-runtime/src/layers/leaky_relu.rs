//! `leaky_relu(slope)`: f(z) = z where z > 0, else slope·z.
//!
//! Derivative, from the output (whose sign is that of z, since slope ≥ 0): 1 where y > 0, else
//! slope (also at 0).

use super::activation::Activation;
use crate::isa::Isa;

/// f(z) = z where z > 0, else slope·z.
#[derive(Clone, Copy, Debug)]
pub struct LeakyRelu {
    /// The factor of negative numbers, at least 0.
    pub slope: f32,
}

impl Activation for LeakyRelu {
    const IS_SIMPLE: bool = true;

    #[inline(always)]
    fn value<I: Isa>(self, z: f32) -> f32 {
        if z > 0.0 { z } else { self.slope * z }
    }

    #[inline(always)]
    fn derivative<I: Isa>(self, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { self.slope }
    }
}
