//! Vectors for every target.

use core::ops::{Add, Div, Mul, Sub};

use super::{LANES, Vector};
use crate::each::each;
use crate::fma;
use crate::math::sqrt;

/// An array, for every target: what the optimiser makes of it.
#[derive(Clone, Copy)]
pub struct Portable([f32; LANES]);

/// An array of an expression for each lane.
macro_rules! lanes {
    (|$lane:ident| $value:expr) => {{
        let mut lanes = [0.0; LANES];
        for $lane in 0..LANES {
            lanes[$lane] = $value;
        }
        lanes
    }};
}

operators! {
    Portable {
        Add add |a, b| lanes!(|lane| a[lane] + b[lane]);
        Sub sub |a, b| lanes!(|lane| a[lane] - b[lane]);
        Mul mul |a, b| lanes!(|lane| a[lane] * b[lane]);
        Div div |a, b| lanes!(|lane| a[lane] / b[lane]);
    }
}

impl Vector for Portable {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; LANES])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn load_part_or(from: &[f32], fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        lanes[..from.len()].copy_from_slice(from);
        Self(lanes)
    }

    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        to.copy_from_slice(&self.0[..to.len()]);
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Self(lanes!(|lane| fma::portable(self.0[lane], b.0[lane], c.0[lane])))
    }

    #[inline(always)]
    fn negative_mul_add(self, b: Self, c: Self) -> Self {
        Self(lanes!(|lane| fma::portable(-self.0[lane], b.0[lane], c.0[lane])))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(lanes!(|lane| sqrt(self.0[lane])))
    }

    #[inline(always)]
    fn quotient(self, by: Self) -> Self {
        self / by
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(lanes!(|lane| if other.0[lane] > self.0[lane] { other.0[lane] } else { self.0[lane] }))
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(lanes!(|lane| if other.0[lane] < self.0[lane] { other.0[lane] } else { self.0[lane] }))
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        Self(lanes!(|lane| {
            let is_kept = self.0[lane] > other.0[lane] || self.0[lane].is_nan();
            if is_kept { self.0[lane] } else { other.0[lane] }
        }))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(lanes!(|lane| self.0[lane].abs()))
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        Self(lanes!(|lane| self.0[lane].copysign(sign.0[lane])))
    }

    /// In two factors, since 2ⁿ alone may not be a normal number.
    #[inline(always)]
    fn times_power_of_two(self, n: Self) -> Self {
        let power = |n: i32| f32::from_bits((n.wrapping_add(127) as u32) << 23);
        Self(lanes!(|lane| {
            let n = n.0[lane] as i32;
            self.0[lane] * power(n >> 1) * power(n.wrapping_sub(n >> 1))
        }))
    }

    #[inline(always)]
    fn if_greater(self, than: Self, yes: Self, no: Self) -> Self {
        Self(lanes!(|lane| if self.0[lane] > than.0[lane] { yes.0[lane] } else { no.0[lane] }))
    }

    #[inline(always)]
    fn sum(mut self) -> f32 {
        let mut count = LANES;
        while count > 1 {
            count /= 2;
            each!(count, |lane| {
                self.0[lane] += self.0[lane + count];
            });
        }
        self.0[0]
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> [Self; 2] {
        const HALF: usize = LANES / 2;
        let [mut even, mut odd] = [self; 2];
        each!(HALF, |pair| {
            (even.0[pair], odd.0[pair]) = (self.0[2 * pair], self.0[2 * pair + 1]);
            (even.0[HALF + pair], odd.0[HALF + pair]) = (other.0[2 * pair], other.0[2 * pair + 1]);
        });
        [even, odd]
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        const HALF: usize = LANES / 2;
        let [mut low, mut high] = [self; 2];
        each!(HALF, |pair| {
            (low.0[2 * pair], low.0[2 * pair + 1]) = (self.0[pair], other.0[pair]);
            (high.0[2 * pair], high.0[2 * pair + 1]) = (self.0[HALF + pair], other.0[HALF + pair]);
        });
        [low, high]
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut columns = rows;
        each!(LANES, |row| {
            each!(LANES, |column| {
                columns[column].0[row] = rows[row].0[column];
            });
        });
        columns
    }
}
