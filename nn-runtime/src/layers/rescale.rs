//! `rescale(factor, offset)`: y = factor·x + offset.
//!
//! Backward: dx = factor·dy.

use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};

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
        let (x, y) = (self.x.as_flattened(), self.y.as_flattened_mut());
        let (factor, offset) = (I::Vector::splat(self.factor), I::Vector::splat(self.offset));
        each!(y.len().div_ceil(LANES), |vector| {
            let at = vector * LANES;
            factor.mul_add(I::Vector::load_at(x, at), offset).store_at(y, at);
        });
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
        let (dy, dx) = (self.dy.as_flattened(), self.dx.as_flattened_mut());
        let factor = I::Vector::splat(self.factor);
        each!(dx.len().div_ceil(LANES), |vector| {
            let at = vector * LANES;
            (factor * I::Vector::load_at(dy, at)).store_at(dx, at);
        });
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
