//! Blocks of assembly against the intrinsics of `avx2.rs`.

use core::array;

use super::avx2::Avx2;
use super::avx2_blocks::Avx2Blocks;
use super::*;
use crate::isa::{Isa, Kernel, Path, run_on};

/// A computation on both kinds of vectors. It runs on AVX2, whose instructions both have.
struct Both<T>(T);

/// The computation on one of them.
trait Computed {
    type Output;

    /// Implementations are `#[inline(always)]`.
    fn on<V: Vector>(&self) -> Self::Output;
}

impl<T: Computed> Kernel for Both<T> {
    type Output = [T::Output; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        [self.0.on::<Avx2>(), self.0.on::<Avx2Blocks>()]
    }
}

/// What both give, if this machine has AVX2.
fn both<T: Computed>(computed: T) -> Option<[T::Output; 2]> {
    Path::Avx2.is_available().then(|| run_on(Path::Avx2, Both(computed)))
}

/// Every operation on the lanes of vectors.
struct Operations([[f32; LANES]; 4]);

impl Computed for Operations {
    type Output = [[f32; LANES]; 20];

    #[inline(always)]
    fn on<V: Vector>(&self) -> Self::Output {
        let [a, b, c, d] = &self.0;
        let (a, b, c, d) = (V::load(a), V::load(b), V::load(c), V::load(d));
        let ([even, odd], [low, high]) = (a.deinterleave(b), a.interleave(b));
        let vectors = [
            a + b,
            a - b,
            a * b,
            a / b,
            a.mul_add(b, c),
            a.negative_mul_add(b, c),
            a.sqrt(),
            a.quotient(b),
            a.max(b),
            a.min(b),
            a.max_or_nan(b),
            a.abs(),
            a.with_sign_of(b),
            a.times_power_of_two(b),
            a.if_greater(b, c, d),
            even,
            odd,
            low,
            high,
            V::splat(a.sum()),
        ];
        let mut arrays = [[0.0; LANES]; 20];
        each!(20, |vector| {
            vectors[vector].store(&mut arrays[vector]);
        });
        arrays
    }
}

/// The bits, but those of NaN, which say nothing.
fn bits(lanes: [f32; LANES]) -> [u32; LANES] {
    lanes.map(|lane| if lane.is_nan() { f32::NAN.to_bits() } else { lane.to_bits() })
}

#[test]
fn operations_have_the_bits_of_intrinsics() {
    const SUBNORMAL: f32 = f32::MIN_POSITIVE / 3.0;
    let awkward = [
        [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, f32::MIN_POSITIVE, SUBNORMAL, -SUBNORMAL],
        [0.0, -0.0, 1.0, -1.0, 1.0 / 3.0, -2.5, 252.0, -252.0],
        [f32::EPSILON, 16_777_217.0, -1e-30, 1e30, 3.0, -7.0, 0.1, -126.5],
    ]
    .concat();
    let number = |index: usize| awkward[index % awkward.len()];
    for shift in 0..awkward.len() * awkward.len() {
        // Each number with each other one, and some of all triples.
        let by = [1, shift, shift / awkward.len() + 3 * shift, 5 * shift + 1];
        let first = array::from_fn(|operand| {
            array::from_fn(|lane| number(if operand == 0 { lane + shift / awkward.len() } else { lane + by[operand] }))
        });
        let Some([intrinsics, blocks]) = both(Operations(first)) else { return };
        for (operation, (intrinsics, blocks)) in intrinsics.into_iter().zip(blocks).enumerate() {
            assert_eq!(bits(blocks), bits(intrinsics), "operation {operation} on {first:?}");
        }
    }
}

/// Parts of vectors, loaded with a fill and stored.
struct Part<'a>(&'a [f32]);

impl Computed for Part<'_> {
    type Output = [[f32; LANES]; 3];

    #[inline(always)]
    fn on<V: Vector>(&self) -> Self::Output {
        let part = V::load_part_or(self.0, -2.0);
        let [mut stored, mut few] = [[7.0; LANES]; 2];
        part.store_part(&mut stored[..self.0.len()]);
        V::load_few(self.0).store_few(&mut few[..self.0.len()]);
        [part.to_array(), stored, few]
    }
}

#[test]
fn parts_are_those_of_intrinsics() {
    let numbers: [f32; LANES] = array::from_fn(|lane| lane as f32 + 1.0);
    for length in 0..=LANES {
        let Some([intrinsics, blocks]) = both(Part(&numbers[..length])) else { return };
        assert_eq!(blocks, intrinsics, "{length} numbers");
    }
}

/// A walk with vectors of so many numbers.
struct Walked<'a>(Walk<'a>);

impl Computed for Walked<'_> {
    type Output = [f32; LANES];

    #[inline(always)]
    fn on<V: Vector>(&self) -> [f32; LANES] {
        V::splat(0.25).walk(self.0).to_array()
    }
}

#[test]
fn a_walk_has_the_bits_of_the_loop() {
    let numbers: [f32; 80] = array::from_fn(|number| 1.0 / (number as f32 - 30.3));
    let left = Spaced { numbers: &numbers, first: 1, stride: 3 };
    let right = Spaced { numbers: &numbers, first: 2, stride: 13 };
    for lanes in 0..=LANES {
        for depth in 0..=5 {
            let Some([intrinsics, blocks]) = both(Walked(Walk { left, right, lanes, depth })) else { return };
            assert_eq!(blocks.map(f32::to_bits), intrinsics.map(f32::to_bits), "{lanes} lanes, {depth} steps");
        }
    }
}
