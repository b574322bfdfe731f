//! `dropout(rate)`: training multiplies every number by 0 with probability `rate`, and else by 1/(1
//! − rate) (Srivastava et al. 2014, inverted); evaluation leaves it as it is, and needs no kernel.
//!
//! Backward: dx = mask·dy.

use crate::each::each;
use crate::isa::{Isa, Kernel, LANES, Vector};
use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// y = mask·x, with a mask that is drawn from the seed, number by number along the rows.
pub struct Forward<'a, const N: usize> {
    /// The input rows.
    pub x: &'a [[f32; N]],
    /// The probability of 0, below 1.
    pub rate: f32,
    /// What the mask is drawn from: equal seeds give equal masks.
    pub seed: u64,
    /// The mask, written: 0 or 1/(1 − rate).
    pub mask: &'a mut [[f32; N]],
    /// The output rows, written.
    pub y: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Forward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        draw(self.seed, self.rate, self.mask.as_flattened_mut());
        multiply::<I::Vector, N>(self.mask, self.x, self.y);
    }
}

/// dx = mask·dy.
pub struct Backward<'a, const N: usize> {
    /// The mask of the forward pass.
    pub mask: &'a [[f32; N]],
    /// The gradient of the output.
    pub dy: &'a [[f32; N]],
    /// The gradient of the input, written.
    pub dx: &'a mut [[f32; N]],
}

impl<const N: usize> Kernel for Backward<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        multiply::<I::Vector, N>(self.mask, self.dy, self.dx);
    }
}

/// Each draw of 64 bits decides two numbers: 32 bits resolve the rate finely enough.
#[inline(always)]
fn draw(seed: u64, rate: f32, mask: &mut [f32]) {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let dropped_below = (f64::from(rate) * (1u64 << 32) as f64) as u64;
    let kept = 1.0 / (1.0 - rate);
    let (pairs, rest) = mask.as_chunks_mut::<2>();
    each!(pairs.len(), |pair| {
        let bits = generator.next_u64();
        pairs[pair][0] = if bits & 0xFFFF_FFFF < dropped_below { 0.0 } else { kept };
        pairs[pair][1] = if bits >> 32 < dropped_below { 0.0 } else { kept };
    });
    if let [last] = rest {
        *last = if generator.next_u64() & 0xFFFF_FFFF < dropped_below { 0.0 } else { kept };
    }
}

#[inline(always)]
fn multiply<V: Vector, const N: usize>(mask: &[[f32; N]], x: &[[f32; N]], y: &mut [[f32; N]]) {
    assert!(mask.len() == x.len() && mask.len() == y.len(), "equally many rows");
    let (mask, x, y) = (mask.as_flattened(), x.as_flattened(), y.as_flattened_mut());
    each!(y.len().div_ceil(LANES), |vector| {
        let at = vector * LANES;
        (V::load_at(mask, at) * V::load_at(x, at)).store_at(y, at);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::{Path, run_on};
    use crate::layers::testing::paths;

    fn mask<const N: usize>(path: Path, rate: f32, seed: u64) -> Vec<[f32; N]> {
        let x = vec![[2.0; N]; 301];
        let (mut mask, mut y) = (vec![[f32::NAN; N]; 301], vec![[f32::NAN; N]; 301]);
        run_on(path, Forward { x: &x, rate, seed, mask: &mut mask, y: &mut y });
        for (mask, y) in mask.as_flattened().iter().zip(y.as_flattened()) {
            assert_eq!(*y, 2.0 * mask);
        }
        mask
    }

    #[test]
    fn the_seed_decides_and_the_rate_is_met() {
        for path in paths() {
            let drawn = mask::<33>(path, 0.25, 9);
            assert_eq!(drawn, mask::<33>(Path::Baseline, 0.25, 9));
            assert_ne!(drawn, mask::<33>(path, 0.25, 10));
            let dropped = drawn.as_flattened().iter().filter(|&&mask| mask == 0.0).count();
            let share = dropped as f64 / drawn.as_flattened().len() as f64;
            assert!((share - 0.25).abs() < 0.02, "{share}");
            assert!(drawn.as_flattened().iter().all(|&mask| mask == 0.0 || mask == 1.0 / 0.75));
        }
    }

    #[test]
    fn a_rate_of_zero_drops_nothing() {
        assert!(mask::<7>(Path::Baseline, 0.0, 1).as_flattened().iter().all(|&mask| mask == 1.0));
    }

    #[test]
    fn backward_is_the_mask() {
        for path in paths() {
            let mut dx = [[f32::NAN; 3]];
            run_on(path, Backward { mask: &[[0.0, 2.0, 2.0]], dy: &[[1.0, 2.0, -3.0]], dx: &mut dx });
            assert_eq!(dx, [[0.0, 4.0, -6.0]]);
        }
    }
}
