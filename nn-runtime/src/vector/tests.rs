//! Every vector against what its operations must give.

use core::array;

use super::*;
use crate::isa::{Isa, Kernel, run_on};
use crate::layers::testing::{Numbers, paths};

/// A square whose rows become columns, by registers and as they are loaded.
struct Transpose([[f32; LANES]; LANES]);

impl Kernel for Transpose {
    type Output = [[[f32; LANES]; LANES]; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let by_registers = I::Vector::transpose(self.0.map(|row| I::Vector::load(&row)));
        let as_loaded = I::Vector::load_columns(self.0.each_ref());
        [by_registers, as_loaded].map(|columns| columns.map(I::Vector::to_array))
    }
}

#[test]
fn rows_become_columns() {
    let rows: [[f32; LANES]; LANES] = array::from_fn(|i| array::from_fn(|j| (100 * i + j) as f32));
    for path in paths() {
        let columns = run_on(path, Transpose(rows));
        assert_eq!(columns, [array::from_fn(|i| array::from_fn(|j| rows[j][i])); 2], "{path:?}");
    }
}

struct Spread([[f32; 4]; 4]);

impl Kernel for Spread {
    type Output = [[f32; LANES]; 4];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        <I::Vector as Vector>::spread(&self.0).map(I::Vector::to_array)
    }
}

#[test]
fn numbers_of_four_rows_fill_quarters() {
    let rows: [[f32; 4]; 4] = array::from_fn(|i| array::from_fn(|j| (10 * i + j) as f32));
    for path in paths() {
        let expected = array::from_fn(|column| array::from_fn(|lane| rows[lane / 4][column]));
        assert_eq!(run_on(path, Spread(rows)), expected, "{path:?}");
    }
}

/// Even and odd lanes of two vectors, the two in turn, and the larger of both.
struct Shuffle([f32; LANES], [f32; LANES]);

impl Kernel for Shuffle {
    type Output = [[f32; LANES]; 5];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let (a, b) = (I::Vector::load(&self.0), I::Vector::load(&self.1));
        let ([even, odd], [low, high]) = (a.deinterleave(b), a.interleave(b));
        [even, odd, low, high, a.max_or_nan(b)].map(I::Vector::to_array)
    }
}

#[test]
fn lanes_are_taken_apart_and_in_turn() {
    let a: [f32; LANES] = array::from_fn(|lane| lane as f32);
    let b: [f32; LANES] = array::from_fn(|lane| (LANES + lane) as f32);
    for path in paths() {
        let [even, odd, low, high, _] = run_on(path, Shuffle(a, b));
        assert_eq!(even, array::from_fn(|lane| 2.0 * lane as f32), "{path:?}");
        assert_eq!(odd, array::from_fn(|lane| 2.0 * lane as f32 + 1.0), "{path:?}");
        let turn = |first: usize| array::from_fn(|lane| if lane % 2 == 0 { a } else { b }[first + lane / 2]);
        assert_eq!((low, high), (turn(0), turn(LANES / 2)), "{path:?}");
    }
}

#[test]
fn the_larger_of_two_is_nan_where_one_is() {
    let values = [f32::NAN, f32::NEG_INFINITY, -1.0, -0.0, 0.0, 2.0, f32::INFINITY];
    for path in paths() {
        for a in values {
            for b in values {
                let [.., largest] = run_on(path, Shuffle([a; LANES], [b; LANES]));
                let expected = if a.is_nan() || b.is_nan() {
                    f32::NAN
                } else if a > b {
                    a
                } else {
                    b
                };
                let same = |x: f32| x.to_bits() == expected.to_bits() || x.is_nan() && expected.is_nan();
                assert!(largest.into_iter().all(same), "{path:?}: {a} and {b} give {largest:?}");
            }
        }
    }
}

/// Copies by parts, with a mask and by what may have none.
struct Part<'a>(&'a [f32], [&'a mut [f32]; 2]);

impl Kernel for Part<'_> {
    type Output = [[f32; LANES]; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let (part, few) = (I::Vector::load_part(self.0), I::Vector::load_few(self.0));
        let [to_part, to_few] = self.1;
        part.store_part(to_part);
        few.store_few(to_few);
        [part.to_array(), few.to_array()]
    }
}

#[test]
fn parts_are_padded_with_zeros_and_touch_nothing_else() {
    let numbers: [f32; LANES] = array::from_fn(|lane| lane as f32 + 1.0);
    for path in paths() {
        for length in 0..=LANES {
            // In boxes of their own length, so that a tool that watches memory sees what is beyond.
            let from: Box<[f32]> = Box::from(&numbers[..length]);
            let [mut part, mut few] = [(); 2].map(|()| vec![0.0; length].into_boxed_slice());
            let found = run_on(path, Part(&from, [&mut part, &mut few]));
            assert_eq!([&part, &few], [&from; 2], "{path:?}");
            assert_eq!(found, [array::from_fn(|lane| if lane < length { numbers[lane] } else { 0.0 }); 2], "{path:?}");
        }
    }
}

/// √a, a/b, a·b + b, −b − a·b and a − b.
struct Arithmetic([f32; LANES], [f32; LANES]);

impl Kernel for Arithmetic {
    type Output = [[f32; LANES]; 5];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let (a, b) = (I::Vector::load(&self.0), I::Vector::load(&self.1));
        [a.sqrt(), a.quotient(b), a.mul_add(b, b), a.negative_mul_add(b, I::Vector::splat(0.0) - b), a - b]
            .map(I::Vector::to_array)
    }
}

/// The sum of each of four vectors, alone and together.
struct Sums([[f32; LANES]; 4]);

impl Kernel for Sums {
    type Output = ([f32; 4], [f32; LANES]);

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let vectors = self.0.map(|numbers| I::Vector::load(&numbers));
        (vectors.map(I::Vector::sum), I::Vector::sums(vectors).to_array())
    }
}

#[test]
fn sums_of_four_are_the_bits_of_each() {
    let mut numbers = Numbers::new(2);
    for path in paths() {
        let (alone, together) = run_on(path, Sums(array::from_fn(|_| numbers.row())));
        assert_eq!((&together[..4], &together[4..]), (&alone[..], &[0.0; 12][..]), "{path:?}");
    }
}

/// How many numbers lie between a number and the exact one.
fn ulps(found: f32, exact: f64) -> f64 {
    let ulp = f64::from(f32::from_bits((exact as f32).abs().to_bits() + 1)) - f64::from((exact as f32).abs());
    (f64::from(found) - exact).abs() / ulp
}

#[test]
fn roots_and_quotients_are_exact_to_an_ulp() {
    let mut numbers = Numbers::new(1);
    for path in paths() {
        for _ in 0..2000 {
            // From 2⁻⁴⁰ to 2⁴⁰.
            let mut draw = || array::from_fn(|_| (numbers.next().abs() + 0.5) * (40.0 * numbers.next()).exp2());
            let (a, b): ([f32; LANES], [f32; LANES]) = (draw(), draw());
            let [root, quotient, sum, rest, difference] = run_on(path, Arithmetic(a, b));
            for lane in 0..LANES {
                let (x, y) = (f64::from(a[lane]), f64::from(b[lane]));
                assert!(ulps(root[lane], x.sqrt()) <= 1.0, "{path:?}: √{x} is not {}", root[lane]);
                assert!(ulps(quotient[lane], x / y) <= 1.0, "{path:?}: {x}/{y} is not {}", quotient[lane]);
                assert!(ulps(sum[lane], x * y + y) <= 1.0, "{path:?}: {x}·{y} + {y} is not {}", sum[lane]);
                assert!(ulps(rest[lane], -y - x * y) <= 1.0, "{path:?}: −{y} − {x}·{y} is not {}", rest[lane]);
                assert_eq!(difference[lane], a[lane] - b[lane], "{path:?}");
            }
        }
        let [root, ..] = run_on(path, Arithmetic([0.0; LANES], [1.0; LANES]));
        assert!(root[0] <= 1.1e-19, "{path:?}: √0 is not {}", root[0]);
    }
}

/// A walk with a vector of so many numbers, and the same as a loop.
struct Walked<'a> {
    left: &'a [f32],
    right: &'a [f32],
    lanes: usize,
    depth: usize,
}

impl Kernel for Walked<'_> {
    type Output = [[f32; LANES]; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> Self::Output {
        let Self { left, right, lanes, depth } = self;
        let begin = I::Vector::splat(0.25);
        let walk = Walk {
            left: Spaced { numbers: left, first: 0, stride: 3 },
            right: Spaced { numbers: right, first: 1, stride: 17 },
            lanes,
            depth,
        };
        let mut sum = begin;
        for d in 0..depth {
            sum = I::Vector::splat(left[3 * d]).mul_add(I::Vector::load_part(&right[1 + 17 * d..][..lanes]), sum);
        }
        [begin.walk(walk).to_array(), sum.to_array()]
    }
}

#[test]
fn a_walk_has_the_bits_of_a_loop() {
    let mut numbers = Numbers::new(7);
    let [left, right] = [(); 2].map(|()| numbers.rows::<100>(1)[0]);
    for path in paths() {
        for lanes in 0..=LANES {
            for depth in 0..=5_usize {
                // Exactly as many numbers as are read.
                let most = |stride: usize, width: usize| depth.saturating_sub(1) * stride + width;
                let (left, right) = (&left[..most(3, 1)], &right[..1 + most(17, lanes)]);
                let [walked, looped] = run_on(path, Walked { left, right, lanes, depth });
                assert_eq!(
                    walked.map(f32::to_bits),
                    looped.map(f32::to_bits),
                    "{path:?}, {lanes} lanes, {depth} steps"
                );
            }
        }
    }
}

#[test]
fn a_walk_beyond_its_numbers_panics() {
    for path in paths() {
        for (lefts, rights) in [(3, 34), (4, 33)] {
            let walk =
                || run_on(path, Walked { left: &[1.0; 4][..lefts], right: &[1.0; 34][..rights], lanes: 16, depth: 2 });
            assert!(std::panic::catch_unwind(walk).is_err(), "{path:?}");
        }
    }
}
