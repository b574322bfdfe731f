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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::run_on;
    use crate::layers::testing::paths;

    #[test]
    fn forward_and_backward() {
        for path in paths() {
            let x: [[f32; 17]; 2] = core::array::from_fn(|row| core::array::from_fn(|n| (row * 17 + n) as f32));
            let (mut y, mut dx) = ([[f32::NAN; 17]; 2], [[f32::NAN; 17]; 2]);
            run_on(path, Forward { x: &x, factor: 0.0625, offset: -1.0, y: &mut y });
            run_on(path, Backward { dy: &x, factor: 0.0625, dx: &mut dx });
            assert_eq!(y, x.map(|row| row.map(|x| x / 16.0 - 1.0)));
            assert_eq!(dx, x.map(|row| row.map(|x| x / 16.0)));
        }
    }
}
