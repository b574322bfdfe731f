//! Sums over numbers that lie together, in sixteen parts side by side.

use crate::isa::{Isa, LANES, Vector};

/// Σ x.
#[inline(always)]
pub fn sum_of<I: Isa>(x: &[f32]) -> I::Vector {
    let mut sum = I::Vector::splat(0.0);
    let (vectors, rest) = x.as_chunks::<LANES>();
    for x in vectors {
        sum = sum + I::Vector::load(x);
    }
    if rest.is_empty() { sum } else { sum + I::Vector::load_part(rest) }
}

/// Σ (x − mean)².
#[inline(always)]
pub fn squares_of<I: Isa>(x: &[f32], mean: f32) -> I::Vector {
    let centre = I::Vector::splat(mean);
    let mut squares = I::Vector::splat(0.0);
    let (vectors, rest) = x.as_chunks::<LANES>();
    for x in vectors {
        let deviation = I::Vector::load(x) - centre;
        squares = deviation.mul_add(deviation, squares);
    }
    if rest.is_empty() {
        return squares;
    }
    let deviation = I::Vector::load_part_or(rest, mean) - centre;
    deviation.mul_add(deviation, squares)
}
