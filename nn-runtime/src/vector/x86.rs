//! The vectors of AVX-512 and of AVX2.

use core::arch::x86_64::*;
use core::ops::{Add, Mul, Sub};

use super::{LANES, Vector};

/// One register of AVX-512.
#[derive(Clone, Copy)]
pub struct Avx512(__m512);

// SAFETY, for all that follows: who has the type has the instructions, as the head of this file says. Pointers come
// from references to as many numbers as are read or written; masked lanes are neither.
operators! {
    Avx512 {
        Add add |a, b| unsafe { _mm512_add_ps(a, b) };
        Sub sub |a, b| unsafe { _mm512_sub_ps(a, b) };
        Mul mul |a, b| unsafe { _mm512_mul_ps(a, b) };
    }
}

/// The mask of the first lanes.
#[inline(always)]
fn first(lanes: usize) -> u16 {
    assert!(lanes <= LANES);
    ((1_u32 << lanes) - 1) as u16
}

/// The lanes of two vectors in turn: those of their lower halves, and of their upper halves.
#[inline(always)]
fn interleaved() -> [__m512i; 2] {
    unsafe {
        [
            _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
            _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
        ]
    }
}

impl Vector for Avx512 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self(unsafe { _mm512_set1_ps(x) })
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn load_part_or(from: &[f32], fill: f32) -> Self {
        Self(unsafe { _mm512_mask_loadu_ps(_mm512_set1_ps(fill), first(from.len()), from.as_ptr()) })
    }

    #[inline(always)]
    fn load_few(from: &[f32]) -> Self {
        unsafe {
            match from.len() {
                8 => Self(_mm512_zextps256_ps512(_mm256_loadu_ps(from.as_ptr()))),
                4 => Self(_mm512_zextps128_ps512(_mm_loadu_ps(from.as_ptr()))),
                _ => Self::load_part(from),
            }
        }
    }

    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        unsafe { _mm512_mask_storeu_ps(to.as_mut_ptr(), first(to.len()), self.0) }
    }

    #[inline(always)]
    fn store_few(self, to: &mut [f32]) {
        unsafe {
            match to.len() {
                8 => _mm256_storeu_ps(to.as_mut_ptr(), _mm512_castps512_ps256(self.0)),
                4 => _mm_storeu_ps(to.as_mut_ptr(), _mm512_castps512_ps128(self.0)),
                _ => self.store_part(to),
            }
        }
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        Self(unsafe { _mm512_fmadd_ps(self.0, b.0, c.0) })
    }

    #[inline(always)]
    fn negative_mul_add(self, b: Self, c: Self) -> Self {
        Self(unsafe { _mm512_fnmadd_ps(self.0, b.0, c.0) })
    }

    /// An estimate of 14 bits, and one step of Newton's: five instructions that overlap, where the instruction for
    /// it takes twenty cycles alone.
    #[inline(always)]
    fn sqrt(self) -> Self {
        unsafe {
            let x = _mm512_max_ps(self.0, _mm512_set1_ps(f32::MIN_POSITIVE));
            let inverse = _mm512_rsqrt14_ps(x);
            let root = _mm512_mul_ps(x, inverse);
            let rest = _mm512_fnmadd_ps(root, root, x);
            Self(_mm512_fmadd_ps(_mm512_mul_ps(_mm512_set1_ps(0.5), inverse), rest, root))
        }
    }

    /// As [`sqrt`](Self::sqrt).
    #[inline(always)]
    fn quotient(self, by: Self) -> Self {
        unsafe {
            let inverse = _mm512_rcp14_ps(by.0);
            let quotient = _mm512_mul_ps(self.0, inverse);
            let rest = _mm512_fnmadd_ps(quotient, by.0, self.0);
            Self(_mm512_fmadd_ps(rest, inverse, quotient))
        }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self(unsafe { _mm512_max_ps(other.0, self.0) })
    }

    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self(unsafe { _mm512_min_ps(other.0, self.0) })
    }

    /// The instruction takes its second operand where one is NaN.
    #[inline(always)]
    fn max_or_nan(self, other: Self) -> Self {
        unsafe {
            let is_number = _mm512_cmp_ps_mask::<_CMP_ORD_Q>(self.0, self.0);
            Self(_mm512_mask_max_ps(self.0, is_number, self.0, other.0))
        }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(unsafe { _mm512_abs_ps(self.0) })
    }

    #[inline(always)]
    fn with_sign_of(self, sign: Self) -> Self {
        /// Bits of the second operand where those of the first are set, else of the third.
        const CHOOSE: i32 = 0xCA;
        unsafe {
            let minus = _mm512_set1_epi32(i32::MIN);
            let (x, sign) = (_mm512_castps_si512(self.0), _mm512_castps_si512(sign.0));
            Self(_mm512_castsi512_ps(_mm512_ternarylogic_epi32::<CHOOSE>(minus, sign, x)))
        }
    }

    #[inline(always)]
    fn times_power_of_two(self, n: Self) -> Self {
        Self(unsafe { _mm512_scalef_ps(self.0, n.0) })
    }

    #[inline(always)]
    fn if_greater(self, than: Self, yes: Self, no: Self) -> Self {
        unsafe {
            let is_greater = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, than.0);
            Self(_mm512_mask_blend_ps(is_greater, no.0, yes.0))
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        unsafe {
            let low = _mm512_castps512_ps256(self.0);
            sum_8(_mm256_add_ps(low, _mm512_extractf32x8_ps::<1>(self.0)))
        }
    }

    #[inline(always)]
    fn sums(vectors: [Self; 4]) -> Self {
        unsafe {
            let mut halves = [_mm256_setzero_ps(); 4];
            for v in 0..4 {
                let half = _mm512_castps512_ps256(vectors[v].0);
                halves[v] = _mm256_add_ps(half, _mm512_extractf32x8_ps::<1>(vectors[v].0));
            }
            Self(_mm512_zextps128_ps512(sums_8(halves)))
        }
    }

    #[inline(always)]
    fn spread(rows: &[[f32; 4]; 4]) -> [Self; 4] {
        unsafe {
            let x = join_quarters(rows.each_ref());
            [
                Self(_mm512_permute_ps::<0b0000_0000>(x)),
                Self(_mm512_permute_ps::<0b0101_0101>(x)),
                Self(_mm512_permute_ps::<0b1010_1010>(x)),
                Self(_mm512_permute_ps::<0b1111_1111>(x)),
            ]
        }
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> [Self; 2] {
        unsafe {
            let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            [Self(_mm512_permutex2var_ps(self.0, even, other.0)), Self(_mm512_permutex2var_ps(self.0, odd, other.0))]
        }
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        let [low, high] = interleaved();
        unsafe {
            [Self(_mm512_permutex2var_ps(self.0, low, other.0)), Self(_mm512_permutex2var_ps(self.0, high, other.0))]
        }
    }

    /// Four times, each vector of the first half is interleaved with that of the second.
    #[inline(always)]
    fn transpose(mut rows: [Self; LANES]) -> [Self; LANES] {
        unsafe {
            let [low, high] = interleaved();
            for _ in 0..4 {
                let mut next = rows;
                for row in 0..LANES / 2 {
                    let (a, b) = (rows[row].0, rows[row + LANES / 2].0);
                    next[2 * row] = Self(_mm512_permutex2var_ps(a, low, b));
                    next[2 * row + 1] = Self(_mm512_permutex2var_ps(a, high, b));
                }
                rows = next;
            }
            rows
        }
    }

    /// Four columns at a time: those of every fourth row come together as they are loaded, which the unit that moves lanes has no part
    /// in, and are then turned within quarters of registers.
    #[inline(always)]
    fn load_columns(rows: [&[f32; LANES]; LANES]) -> [Self; LANES] {
        let mut columns = [Self::splat(0.0); LANES];
        for column in (0..LANES).step_by(4) {
            let mut fours = [columns[0].0; 4];
            for row in 0..4 {
                fours[row] = quarters([rows[row], rows[row + 4], rows[row + 8], rows[row + 12]], column);
            }
            let [a, b, c, d] = fours;
            unsafe {
                let (low, high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
                let (next_low, next_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
                columns[column] = pairs::<false>(low, next_low);
                columns[column + 1] = pairs::<true>(low, next_low);
                columns[column + 2] = pairs::<false>(high, next_high);
                columns[column + 3] = pairs::<true>(high, next_high);
            }
        }
        columns
    }
}

/// Four numbers of each row, from a column on.
#[inline(always)]
fn quarters(rows: [&[f32; LANES]; 4], column: usize) -> __m512 {
    let mut fours = [&[0.0; 4]; 4];
    for row in 0..4 {
        fours[row] = rows[row][column..].first_chunk().expect("four columns");
    }
    join_quarters(fours)
}

/// A register of four quarters.
#[inline(always)]
fn join_quarters(fours: [&[f32; 4]; 4]) -> __m512 {
    unsafe {
        let first = _mm512_castps128_ps512(_mm_loadu_ps(fours[0].as_ptr()));
        let second = _mm512_insertf32x4::<1>(first, _mm_loadu_ps(fours[1].as_ptr()));
        let third = _mm512_insertf32x4::<2>(second, _mm_loadu_ps(fours[2].as_ptr()));
        _mm512_insertf32x4::<3>(third, _mm_loadu_ps(fours[3].as_ptr()))
    }
}

/// The first or the second pair of each quarter of two registers.
#[inline(always)]
unsafe fn pairs<const SECOND: bool>(a: __m512, b: __m512) -> Avx512 {
    unsafe {
        let (a, b) = (_mm512_castps_pd(a), _mm512_castps_pd(b));
        Avx512(_mm512_castpd_ps(if SECOND { _mm512_unpackhi_pd(a, b) } else { _mm512_unpacklo_pd(a, b) }))
    }
}

/// Two registers of AVX2.
#[derive(Clone, Copy)]
pub struct Avx2([__m256; 2]);

operators! {
    Avx2 {
        Add add |a, b| unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] };
        Sub sub |a, b| unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] };
        Mul mul |a, b| unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] };
    }
}

/// For each half, −1 in the lanes that count, else 0.
const MASKS: [i32; 2 * LANES] = {
    let mut masks = [0; 2 * LANES];
    let mut lane = 0;
    while lane < LANES {
        masks[lane] = -1;
        lane += 1;
    }
    masks
};

/// The masks of the first lanes.
#[inline(always)]
fn masks(lanes: usize) -> [__m256i; 2] {
    let masks: &[i32; LANES] = MASKS[LANES - lanes..].first_chunk().expect("at most sixteen lanes");
    unsafe { [_mm256_loadu_si256(masks.as_ptr().cast()), _mm256_loadu_si256(masks[8..].as_ptr().cast())] }
}

impl Vector for Avx2 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([unsafe { _mm256_set1_ps(x) }; 2])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(unsafe { [_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from[8..].as_ptr())] })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), self.0[0]);
            _mm256_storeu_ps(to[8..].as_mut_ptr(), self.0[1]);
        }
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
        Self(unsafe { [_mm256_div_ps(self.0[0], by.0[0]), _mm256_div_ps(self.0[1], by.0[1])] })
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
            for v in 0..4 {
                halves[v] = _mm256_add_ps(vectors[v].0[0], vectors[v].0[1]);
            }
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
        for i in 0..2 {
            for j in 0..2 {
                let mut quarter = [rows[0].0[0]; 8];
                for row in 0..8 {
                    quarter[row] = rows[8 * i + row].0[j];
                }
                let quarter = transpose_8(quarter);
                for column in 0..8 {
                    columns[8 * j + column].0[i] = quarter[column];
                }
            }
        }
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
unsafe fn sum_8(lanes: __m256) -> f32 {
    unsafe {
        let four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps::<1>(lanes));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}

/// The sums of four registers, each in the order of [`sum_8`].
#[inline(always)]
unsafe fn sums_8(registers: [__m256; 4]) -> __m128 {
    unsafe {
        let mut fours = [_mm_setzero_ps(); 4];
        for r in 0..4 {
            fours[r] = _mm_add_ps(_mm256_castps256_ps128(registers[r]), _mm256_extractf128_ps::<1>(registers[r]));
        }
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
        for i in 0..4 {
            pairs[2 * i] = _mm256_unpacklo_ps(rows[2 * i], rows[2 * i + 1]);
            pairs[2 * i + 1] = _mm256_unpackhi_ps(rows[2 * i], rows[2 * i + 1]);
        }
        let mut fours = rows;
        for i in 0..2 {
            for j in 0..2 {
                let (a, b) = (pairs[4 * i + j], pairs[4 * i + 2 + j]);
                fours[4 * i + 2 * j] = _mm256_shuffle_ps::<0b0100_0100>(a, b);
                fours[4 * i + 2 * j + 1] = _mm256_shuffle_ps::<0b1110_1110>(a, b);
            }
        }
        let mut columns = rows;
        for i in 0..4 {
            columns[i] = _mm256_permute2f128_ps::<0x20>(fours[i], fours[4 + i]);
            columns[4 + i] = _mm256_permute2f128_ps::<0x31>(fours[i], fours[4 + i]);
        }
        columns
    }
}
