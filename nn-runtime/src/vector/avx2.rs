//! The vectors of AVX2.

use core::arch::x86_64::*;
use core::mem::transmute;
use core::ops::{Add, Div, Mul, Sub};

use super::{LANES, Unaligned, Vector};
use crate::each::each;

/// Two registers of AVX2.
#[derive(Clone, Copy)]
pub struct Avx2([__m256; 2]);

// SAFETY, for all that follows: who has the type has the instructions, as the head of `mod.rs`
// says. Pointers come from references to as many numbers as are read or written; masked lanes are
// neither.
operators! {
    Avx2 {
        Add add |a, b| unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] };
        Sub sub |a, b| unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] };
        Mul mul |a, b| unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] };
        Div div |a, b| unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] };
    }
}

/// For each half, −1 in the lanes that count, else 0.
static MASKS: [i32; 2 * LANES] = {
    let mut masks = [0; 2 * LANES];
    let mut lane = 0;
    while lane < LANES {
        masks[lane] = -1;
        lane += 1;
    }
    masks
};

/// Those of the first lanes.
#[inline(always)]
pub(super) fn first(lanes: usize) -> &'static [i32; LANES] {
    assert!(lanes <= LANES, "at most sixteen lanes");
    // Within the masks, of which there are twice as many.
    unsafe { &*MASKS.as_ptr().wrapping_add(LANES - lanes).cast() }
}

/// The masks of the first lanes.
#[inline(always)]
fn masks(lanes: usize) -> [__m256i; 2] {
    unsafe { (*first(lanes).as_ptr().cast::<Unaligned<[__m256i; 2]>>()).0 }
}

impl Vector for Avx2 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        // `_mm256_set1_ps` is three calls at opt-level 0.
        Self([unsafe { _mm256_broadcastss_ps(transmute::<[f32; 4], __m128>([x, 0.0, 0.0, 0.0])) }; 2])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(unsafe { (*from.as_ptr().cast::<Unaligned<[__m256; 2]>>()).0 })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        unsafe { (*to.as_mut_ptr().cast::<Unaligned<[__m256; 2]>>()).0 = self.0 }
    }

    #[inline(always)]
    fn load_part_or(from: &[f32], fill: f32) -> Self {
        let [first, second] = masks(from.len());
        let start = from.as_ptr();
        unsafe {
            let fill = _mm256_set1_ps(fill);
            let low = _mm256_maskload_ps(start, first);
            let high = _mm256_maskload_ps(start.wrapping_add(8), second);
            Self([
                _mm256_blendv_ps(fill, low, _mm256_castsi256_ps(first)),
                _mm256_blendv_ps(fill, high, _mm256_castsi256_ps(second)),
            ])
        }
    }

    #[inline(always)]
    fn load_few(from: &[f32]) -> Self {
        unsafe {
            match from.len() {
                8 => Self([_mm256_loadu_ps(from.as_ptr()), _mm256_setzero_ps()]),
                4 => Self([_mm256_zextps128_ps256(_mm_loadu_ps(from.as_ptr())), _mm256_setzero_ps()]),
                _ => Self::load_part(from),
            }
        }
    }

    #[inline(always)]
    fn store_few(self, to: &mut [f32]) {
        unsafe {
            match to.len() {
                8 => _mm256_storeu_ps(to.as_mut_ptr(), self.0[0]),
                4 => _mm_storeu_ps(to.as_mut_ptr(), _mm256_castps256_ps128(self.0[0])),
                _ => self.store_part(to),
            }
        }
    }

    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        let [first, second] = masks(to.len());
        let start = to.as_mut_ptr();
        unsafe {
            _mm256_maskstore_ps(start, first, self.0[0]);
            _mm256_maskstore_ps(start.wrapping_add(8), second, self.0[1]);
        }
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        let (Self(a), Self(b), Self(c)) = (self, b, c);
        Self(unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] })
    }

    #[inline(always)]
    fn negative_mul_add(self, b: Self, c: Self) -> Self {
        let (Self(a), Self(b), Self(c)) = (self, b, c);
        Self(unsafe { [_mm256_fnmadd_ps(a[0], b[0], c[0]), _mm256_fnmadd_ps(a[1], b[1], c[1])] })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(unsafe { [_mm256_sqrt_ps(self.0[0]), _mm256_sqrt_ps(self.0[1])] })
    }

    #[inline(always)]
    fn quotient(self, by: Self) -> Self {
        self / by
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        let (Self(a), Self(b)) = (self, other);
        Self(unsafe { [_mm256_max_ps(b[0], a[0]), _mm256_max_ps(b[1], a[1])] })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        let (Self(a), Self(b)) = (self, other);
        Self(unsafe { [_mm256_min_ps(b[0], a[0]), _mm256_min_ps(b[1], a[1])] })
    }

    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        let (Self(a), Self(b)) = (self, other);
        Self(unsafe { [max_or_nan_8(a[0], b[0]), max_or_nan_8(a[1], b[1])] })
    }

    #[inline(always)]
    fn abs(self) -> Self {
        unsafe {
            let minus = _mm256_set1_ps(-0.0);
            Self([_mm256_andnot_ps(minus, self.0[0]), _mm256_andnot_ps(minus, self.0[1])])
        }
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        let (Self(x), Self(sign)) = (self.abs(), sign);
        unsafe {
            let minus = _mm256_set1_ps(-0.0);
            Self([_mm256_or_ps(x[0], _mm256_and_ps(minus, sign[0])), _mm256_or_ps(x[1], _mm256_and_ps(minus, sign[1]))])
        }
    }

    #[inline(always)]
    fn times_power_of_two(self, n: Self) -> Self {
        Self(unsafe { [scale_8(self.0[0], n.0[0]), scale_8(self.0[1], n.0[1])] })
    }

    #[inline(always)]
    fn if_greater(self, than: Self, yes: Self, no: Self) -> Self {
        unsafe {
            let first = _mm256_cmp_ps::<_CMP_GT_OQ>(self.0[0], than.0[0]);
            let second = _mm256_cmp_ps::<_CMP_GT_OQ>(self.0[1], than.0[1]);
            Self([_mm256_blendv_ps(no.0[0], yes.0[0], first), _mm256_blendv_ps(no.0[1], yes.0[1], second)])
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe { sum_8(_mm256_add_ps(self.0[0], self.0[1])) }
    }

    #[inline(always)]
    fn sums(vectors: [Self; 4]) -> Self {
        unsafe {
            let mut halves = [_mm256_setzero_ps(); 4];
            each!(4, |v| {
                halves[v] = _mm256_add_ps(vectors[v].0[0], vectors[v].0[1]);
            });
            Self([_mm256_zextps128_ps256(sums_8(halves)), _mm256_setzero_ps()])
        }
    }

    #[inline(always)]
    fn spread(rows: &[[f32; 4]; 4]) -> [Self; 4] {
        unsafe {
            let [a, b, c, d] = rows;
            let x = [_mm256_loadu2_m128(b.as_ptr(), a.as_ptr()), _mm256_loadu2_m128(d.as_ptr(), c.as_ptr())];
            [
                Self([_mm256_permute_ps::<0b0000_0000>(x[0]), _mm256_permute_ps::<0b0000_0000>(x[1])]),
                Self([_mm256_permute_ps::<0b0101_0101>(x[0]), _mm256_permute_ps::<0b0101_0101>(x[1])]),
                Self([_mm256_permute_ps::<0b1010_1010>(x[0]), _mm256_permute_ps::<0b1010_1010>(x[1])]),
                Self([_mm256_permute_ps::<0b1111_1111>(x[0]), _mm256_permute_ps::<0b1111_1111>(x[1])]),
            ]
        }
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> [Self; 2] {
        let (Self(a), Self(b)) = (self, other);
        unsafe {
            let [first, second] = [deinterleave_8(a[0], a[1]), deinterleave_8(b[0], b[1])];
            [Self([first[0], second[0]]), Self([first[1], second[1]])]
        }
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        let (Self(a), Self(b)) = (self, other);
        unsafe { [Self(interleave_8(a[0], b[0])), Self(interleave_8(a[1], b[1]))] }
    }

    /// Quarter by quarter.
    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let mut columns = [Self::splat(0.0); LANES];
        each!(2, |i| {
            each!(2, |j| {
                let mut quarter = [rows[0].0[0]; 8];
                each!(8, |row| {
                    quarter[row] = rows[8 * i + row].0[j];
                });
                let quarter = transpose_8(quarter);
                each!(8, |column| {
                    columns[8 * j + column].0[i] = quarter[column];
                });
            });
        });
        columns
    }
}

/// The instruction takes its second operand where one is NaN.
#[inline(always)]
unsafe fn max_or_nan_8(a: __m256, b: __m256) -> __m256 {
    unsafe { _mm256_blendv_ps(_mm256_max_ps(a, b), a, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a)) }
}

/// The lanes at even places and those at odd places of sixteen.
#[inline(always)]
unsafe fn deinterleave_8(low: __m256, high: __m256) -> [__m256; 2] {
    unsafe {
        // Within halves of registers, whose quarters are then put in order.
        let even = _mm256_castps_pd(_mm256_shuffle_ps::<0b1000_1000>(low, high));
        let odd = _mm256_castps_pd(_mm256_shuffle_ps::<0b1101_1101>(low, high));
        [
            _mm256_castpd_ps(_mm256_permute4x64_pd::<0b1101_1000>(even)),
            _mm256_castpd_ps(_mm256_permute4x64_pd::<0b1101_1000>(odd)),
        ]
    }
}

/// The lanes of two registers in turn.
#[inline(always)]
unsafe fn interleave_8(a: __m256, b: __m256) -> [__m256; 2] {
    unsafe {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
    }
}

/// The sum of eight lanes, in halves.
#[inline(always)]
pub(super) unsafe fn sum_8(lanes: __m256) -> f32 {
    unsafe {
        let four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps::<1>(lanes));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

/// The sums of four registers, each in the order of [`sum_8`].
#[inline(always)]
pub(super) unsafe fn sums_8(registers: [__m256; 4]) -> __m128 {
    unsafe {
        let mut fours = [_mm_setzero_ps(); 4];
        each!(4, |r| {
            fours[r] = _mm_add_ps(_mm256_castps256_ps128(registers[r]), _mm256_extractf128_ps::<1>(registers[r]));
        });
        // The sums of the even lanes of two registers, and those of the odd ones.
        let first = _mm_add_ps(_mm_unpacklo_ps(fours[0], fours[1]), _mm_unpackhi_ps(fours[0], fours[1]));
        let second = _mm_add_ps(_mm_unpacklo_ps(fours[2], fours[3]), _mm_unpackhi_ps(fours[2], fours[3]));
        _mm_add_ps(_mm_movelh_ps(first, second), _mm_movehl_ps(second, first))
    }
}

/// x·2ⁿ in two factors, since 2ⁿ alone may not be a normal number.
#[inline(always)]
unsafe fn scale_8(x: __m256, n: __m256) -> __m256 {
    unsafe {
        let n = _mm256_cvtps_epi32(n);
        let half = _mm256_srai_epi32::<1>(n);
        let bias = _mm256_set1_epi32(127);
        let first = _mm256_slli_epi32::<23>(_mm256_add_epi32(half, bias));
        let second = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_sub_epi32(n, half), bias));
        _mm256_mul_ps(_mm256_mul_ps(x, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second))
    }
}

/// Interleaves pairs of rows, then pairs of pairs, then exchanges halves of registers.
#[inline(always)]
fn transpose_8(rows: [__m256; 8]) -> [__m256; 8] {
    unsafe {
        let mut pairs = rows;
        each!(4, |i| {
            pairs[2 * i] = _mm256_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
            pairs[2 * i + 1] = _mm256_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
        });
        let mut fours = rows;
        each!(2, |i| {
            each!(2, |j| {
                let (a, b) = (pairs[4 * i + j], pairs[4 * i + 2 + j]);
                fours[4 * i + 2 * j] = _mm256_shuffle_ps::<0b0100_0100>(a, b);
                fours[4 * i + 2 * j + 1] = _mm256_shuffle_ps::<0b1110_1110>(a, b);
            });
        });
        let mut columns = rows;
        each!(4, |i| {
            columns[i] = _mm256_permute2f128_ps::<0x20>(fours[i], fours[4 + i]);
            columns[4 + i] = _mm256_permute2f128_ps::<0x31>(fours[i], fours[4 + i]);
        });
        columns
    }
}
