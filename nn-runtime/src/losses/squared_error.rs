//! `squared_error`: the sum over outputs of (y − t)².
//!
//! Gradient: 2·(y − t).

use super::elementwise::total;
use super::mean_squared_error::Square;
use crate::isa::{Isa, Kernel};

/// The sum over outputs of (y − t)².
pub struct SquaredError<'a, const N: usize> {
    /// The output rows.
    pub y: &'a [[f32; N]],
    /// The target of every row.
    pub targets: &'a [[f32; N]],
    /// What the sum is multiplied by before its gradient is taken.
    pub scale: f32,
    /// The gradient, written.
    pub gradient: Option<&'a mut [[f32; N]]>,
}

impl<const N: usize> Kernel for SquaredError<'_, N> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        total::<I::Vector, _, N>(Square, self.y, self.targets, 1.0, self.scale, self.gradient)
    }
}
