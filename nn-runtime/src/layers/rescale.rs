//! `rescale(factor, offset)`: y = factor·x + offset.
//!
//! Backward: dx = factor·dy.

use crate::isa::{Isa, Kernel};

/// y = factor·x + offset.
pub struct Forward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The factor.
    pub factor: f32,
    /// What is added.
    pub offset: f32,
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Forward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.x.len(), self.y.len(), "one output row for each input row");
        for (x, y) in self.x.as_flattened().iter().zip(self.y.as_flattened_mut()) {
            *y = I::fma(self.factor, *x, self.offset);
        }
    }
}

/// dx = factor·dy.
pub struct Backward<'a, const N: usize> {
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The factor.
    pub factor: f32,
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Backward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        assert_eq!(self.dy.len(), self.dx.len(), "equally many rows");
        for (dy, dx) in self.dy.as_flattened().iter().zip(self.dx.as_flattened_mut()) {
            *dx = self.factor * dy;
        }
    }
}
