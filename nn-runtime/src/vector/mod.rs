//! Sixteen floats in registers, and the operations on them that kernels are made of.
//!
//! What a loop over an array becomes is up to the optimiser: good for a function of one number,
//! which it turns into vectors by itself ([`math`](crate::math)), but not for a register tile of
//! hundreds of sums, where it takes seconds to find the vectors and, for some sizes, finds half of
//! them. So tiles and optimizers say what their vectors are.
//!
//! A vector of an instruction set comes from [`Isa::Vector`](crate::isa::Isa::Vector) alone. Only
//! `isa` can name a type that implements [`Isa`](crate::isa::Isa), and it names one after asking
//! the machine: that is why calling the intrinsics of `avx512.rs` and `avx2.rs` is sound.
//!
//! Measured with AVX-512: one row of a dense layer 784→128 took 32 µs when LLVM had to find the
//! vectors in `[[f32; 16]; 4]` code, and takes 2.6 µs with explicit vectors. Where two slices might
//! overlap, it left derivatives scalar. Explicit vectors also halve the compile time. A closure is
//! a function without its caller's instruction set, so none takes a vector as its argument.
//!
//! Rows of 4 and 8 numbers are loaded and stored without masks (`load_few`): a load waits until a
//! masked store to the same place has reached the cache, some twenty cycles, and a step of a tiny
//! network is a chain of such loads. Together with one exponential for a binary cross-entropy and
//! its gradient, this took the step of `train_xor` from 220 to 110 ns.
//!
//! On AVX-512, `quotient` and `sqrt` are an estimate and one step of Newton's method, to one ulp.
//! The division and root instructions take twenty cycles and more where nothing overlaps them,
//! which was as long as the products of a whole step of Adam.

#![allow(unsafe_code)] // Intrinsics, which need what the machine was asked for.
// Rows and columns are walked by one index.
#![allow(clippy::needless_range_loop)]

use crate::each::each;
use core::ops::{Add, Div, Mul, Sub};
use core::ptr::{slice_from_raw_parts, slice_from_raw_parts_mut};

/// Sixteen floats. Methods are `#[inline(always)]`. Operators round exactly.
pub trait Vector: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> {
    /// Whether [`walk`](Self::walk) is faster than a loop: where nothing is optimised.
    const WALKS: bool = false;

    /// The same number in every lane.
    fn splat(x: f32) -> Self;

    /// Sixteen numbers of memory.
    fn load(from: &[f32; LANES]) -> Self;

    /// Writes all lanes.
    fn store(self, to: &mut [f32; LANES]);

    /// At most sixteen numbers of memory, then `fill`.
    fn load_part_or(from: &[f32], fill: f32) -> Self;

    /// Writes the first lanes, as many as `to` has, at most sixteen.
    fn store_part(self, to: &mut [f32]);

    /// `self·b + c`, fused where [`Isa::fma`](crate::isa::Isa::fma) is.
    fn mul_add(self, b: Self, c: Self) -> Self;

    /// `c − self·b`, fused where [`mul_add`](Self::mul_add) is.
    fn negative_mul_add(self, b: Self, c: Self) -> Self;

    /// √x of numbers ≥ 0, to one ulp. What is below 2⁻¹²⁶ may count as 2⁻¹²⁶.
    fn sqrt(self) -> Self;

    /// `self / by` to one ulp, for finite normal `by`.
    fn quotient(self, by: Self) -> Self;

    /// The larger one; `self` where one of them is NaN.
    fn max(self, other: Self) -> Self;

    /// The smaller one; `self` where one of them is NaN.
    fn min(self, other: Self) -> Self;

    /// The larger one; NaN where one of them is. `other` where they are equal.
    fn max_or_nan(self, other: Self) -> Self;

    /// |x|.
    fn abs(self) -> Self;

    /// |x|, negative where `sign` is.
    fn with_sign_of(self, sign: Self) -> Self;

    /// `self·2ⁿ` for an integer n between −252 and 252.
    fn times_power_of_two(self, n: Self) -> Self;

    /// `yes` where `self > than`, else `no`.
    fn if_greater(self, than: Self, yes: Self, no: Self) -> Self;

    /// The sum of the lanes: of halves, of their halves, and so on.
    fn sum(self) -> f32;

    /// The sums of four vectors, in the first four lanes.
    #[inline(always)]
    fn sums(vectors: [Self; 4]) -> Self {
        let [a, b, c, d] = vectors;
        Self::load_part(&[a.sum(), b.sum(), c.sum(), d.sum()])
    }

    /// `self` and a sum of products, added one after another by [`mul_add`](Self::mul_add).
    #[inline(always)]
    fn walk(self, walk: Walk<'_>) -> Self {
        let mut sum = self;
        each!(walk.depth, |d| {
            let Walk { left, right, lanes, .. } = walk;
            let vector = Self::load_part(&right.numbers[right.first + d * right.stride..][..lanes]);
            sum = Self::splat(left.numbers[left.first + d * left.stride]).mul_add(vector, sum);
        });
        sum
    }

    /// The lanes at even places of `self` and then `other`, and those at odd places.
    fn deinterleave(self, other: Self) -> [Self; 2];

    /// Lanes of `self` and of `other` in turn.
    fn interleave(self, other: Self) -> [Self; 2];

    /// Rows become columns.
    fn transpose(rows: [Self; LANES]) -> [Self; LANES];

    /// The columns of rows in memory.
    #[inline(always)]
    fn load_columns(rows: [&[f32; LANES]; LANES]) -> [Self; LANES] {
        let mut square = [Self::splat(0.0); LANES];
        each!(LANES, |row| {
            square[row] = Self::load(rows[row]);
        });
        Self::transpose(square)
    }

    /// Four vectors: the quarters of the first one are the first numbers of four rows, each four
    /// times, and so on.
    #[inline(always)]
    fn spread(rows: &[[f32; 4]; 4]) -> [Self; 4] {
        let mut vectors = [Self::splat(0.0); 4];
        each!(4, |column| {
            let mut lanes = [0.0; LANES];
            each!(LANES, |lane| {
                lanes[lane] = rows[lane / 4][column];
            });
            vectors[column] = Self::load(&lanes);
        });
        vectors
    }

    /// At most sixteen numbers of memory, then zeros.
    #[inline(always)]
    fn load_part(from: &[f32]) -> Self {
        Self::load_part_or(from, 0.0)
    }

    /// As [`load_part`](Self::load_part), of a length that is a constant or seldom asked for: a
    /// load waits for a masked store before it until that has reached the cache, so 4 and 8 numbers
    /// need no mask.
    #[inline(always)]
    fn load_few(from: &[f32]) -> Self {
        Self::load_part(from)
    }

    /// Writes as many lanes as `to` has, like [`load_few`](Self::load_few).
    #[inline(always)]
    fn store_few(self, to: &mut [f32]) {
        self.store_part(to);
    }

    /// The numbers of `from` from `at` on, at most sixteen, then zeros.
    #[inline(always)]
    fn load_at(from: &[f32], at: usize) -> Self {
        match sixteen(from, at) {
            Some(whole) => Self::load(whole),
            None => Self::load_part(part(from, at, from.len() - at)),
        }
    }

    /// Writes the first lanes from `at` on, as many as there is room for.
    #[inline(always)]
    fn store_at(self, to: &mut [f32], at: usize) {
        match sixteen_mut(to, at) {
            Some(whole) => self.store(whole),
            None => {
                let count = to.len() - at;
                self.store_part(part_mut(to, at, count));
            }
        }
    }

    /// The lanes as an array.
    #[inline(always)]
    fn to_array(self) -> [f32; LANES] {
        let mut array = [0.0; LANES];
        self.store(&mut array);
        array
    }
}

/// A register at any address. To read or write one is an instruction; at opt-level 0, the
/// intrinsics for that are ten calls.
#[cfg(target_arch = "x86_64")]
#[repr(C, packed)]
struct Unaligned<R>(R);

/// Asks for the cache line of an address; it will be used soon.
#[inline(always)]
pub fn prefetch(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is there on every x86-64, and a hint reads nothing.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Sixteen numbers from `at` on, if there are as many: without the calls that slices of slices are
/// at opt-level 0.
#[inline(always)]
pub(crate) fn sixteen(numbers: &[f32], at: usize) -> Option<&[f32; LANES]> {
    if numbers.len() < LANES || numbers.len() - LANES < at {
        return None;
    }
    // SAFETY: the sixteen numbers from `at` on are within the slice.
    Some(unsafe { &*numbers.as_ptr().wrapping_add(at).cast() })
}

/// As [`sixteen`], to write them.
#[inline(always)]
pub(crate) fn sixteen_mut(numbers: &mut [f32], at: usize) -> Option<&mut [f32; LANES]> {
    if numbers.len() < LANES || numbers.len() - LANES < at {
        return None;
    }
    // SAFETY: the sixteen numbers from `at` on are within the slice, which is borrowed for as long.
    Some(unsafe { &mut *numbers.as_mut_ptr().wrapping_add(at).cast() })
}

/// `numbers[first..][..count]`.
#[inline(always)]
pub(crate) fn part(numbers: &[f32], first: usize, count: usize) -> &[f32] {
    assert!(first <= numbers.len() && count <= numbers.len() - first, "all numbers of the part are there");
    // SAFETY: just checked.
    unsafe { &*slice_from_raw_parts(numbers.as_ptr().wrapping_add(first), count) }
}

/// As [`part`], to write it.
#[inline(always)]
pub(crate) fn part_mut(numbers: &mut [f32], first: usize, count: usize) -> &mut [f32] {
    assert!(first <= numbers.len() && count <= numbers.len() - first, "all numbers of the part are there");
    // SAFETY: just checked; the slice is borrowed for as long.
    unsafe { &mut *slice_from_raw_parts_mut(numbers.as_mut_ptr().wrapping_add(first), count) }
}

/// The numbers of rows, one after another: `as_flattened`, of which the checks are eight calls at
/// opt-level 0.
#[inline(always)]
pub(crate) fn flattened<const N: usize>(rows: &[[f32; N]]) -> &[f32] {
    // SAFETY: rows are as many numbers, which lie together.
    unsafe { &*slice_from_raw_parts(rows.as_ptr().cast(), rows.len() * N) }
}

/// As [`flattened`], to write them.
#[inline(always)]
pub(crate) fn flattened_mut<const N: usize>(rows: &mut [[f32; N]]) -> &mut [f32] {
    // SAFETY: as above; the rows are borrowed for as long.
    unsafe { &mut *slice_from_raw_parts_mut(rows.as_mut_ptr().cast(), rows.len() * N) }
}

/// The operators of a vector, each by an expression of `a` and `b`. (Here and below without
/// closures and without the iterators that take them: a closure is a function without the
/// instruction set of the function around it, and may not be inlined.)
macro_rules! operators {
    ($vector:ident { $($operator:ident $method:ident |$a:ident, $b:ident| $value:expr;)* }) => {$(
        impl $operator for $vector {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let (Self($a), Self($b)) = (self, other);
                Self($value)
            }
        }
    )*};
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", any(unoptimized, test)))]
mod avx2_blocks;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;
mod line;
mod portable;
mod walk;

#[cfg(all(target_arch = "x86_64", not(all(unoptimized, target_pointer_width = "64"))))]
pub use avx2::Avx2;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", unoptimized))]
pub use avx2_blocks::Avx2Blocks as Avx2;
#[cfg(target_arch = "x86_64")]
pub use avx512::Avx512;
pub use lanes::LANES;
pub use line::Line;
pub use portable::Portable;
pub use walk::{Spaced, Walk};

#[cfg(all(test, target_arch = "x86_64", target_pointer_width = "64"))]
mod avx2_blocks_tests;
#[cfg(test)]
mod tests;
