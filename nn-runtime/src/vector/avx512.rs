//! The vectors of AVX-512.

use core::arch::x86_64::*;
use core::mem::transmute;
use core::ops::{Add, Div, Mul, Sub};

use super::avx2::{sum_8, sums_8};
use super::{LANES, Unaligned, Vector, Walk, walk};
use crate::each::each;

/// One register of AVX-512.
#[derive(Clone, Copy)]
pub struct Avx512(__m512);

/// Without optimisation a multiply-add is one call, and other operations are three. It has the same
/// bits as they where a factor is 1, or −0 is added.
const CALLS: bool = cfg!(unoptimized);

const ONE: __m512 = unsafe { transmute::<[f32; LANES], __m512>([1.0; LANES]) };
const NOTHING: __m512 = unsafe { transmute::<[f32; LANES], __m512>([-0.0; LANES]) };

// SAFETY, for all that follows: who has the type has the instructions, as the head of `mod.rs`
// says. Pointers come from references to as many numbers as are read or written; masked lanes are
// neither.
operators! {
    Avx512 {
        Add add |a, b| unsafe { if CALLS { _mm512_fmadd_ps(a, ONE, b) } else { _mm512_add_ps(a, b) } };
        Sub sub |a, b| unsafe { if CALLS { _mm512_fnmadd_ps(b, ONE, a) } else { _mm512_sub_ps(a, b) } };
        Mul mul |a, b| unsafe { if CALLS { _mm512_fmadd_ps(a, b, NOTHING) } else { _mm512_mul_ps(a, b) } };
        Div div |a, b| unsafe { _mm512_div_ps(a, b) };
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
    const WALKS: bool = cfg!(unoptimized) && walk::IS_POSSIBLE;

    #[inline(always)]
    fn walk(self, walk: Walk<'_>) -> Self {
        let mut sums = self.to_array();
        unsafe { walk.add_avx512(&mut sums) };
        Self::load(&sums)
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // Two instructions, where `_mm512_set1_ps` is three calls at opt-level 0.
        Self(unsafe { _mm512_broadcastss_ps(transmute::<[f32; 4], __m128>([x, 0.0, 0.0, 0.0])) })
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(unsafe { (*from.as_ptr().cast::<Unaligned<__m512>>()).0 })
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        unsafe { (*to.as_mut_ptr().cast::<Unaligned<__m512>>()).0 = self.0 }
    }

    #[inline(always)]
    fn load_part_or(from: &[f32], fill: f32) -> Self {
        Self(unsafe { _mm512_mask_loadu_ps(Self::splat(fill).0, first(from.len()), from.as_ptr()) })
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

    /// An estimate of 14 bits, and one step of Newton's: five instructions that overlap, where the
    /// instruction for it takes twenty cycles alone.
    #[inline(always)]
    fn sqrt(self) -> Self {
        unsafe {
            let x = Self(_mm512_max_ps(self.0, Self::splat(f32::MIN_POSITIVE).0));
            let inverse = Self(_mm512_rsqrt14_ps(x.0));
            let root = x * inverse;
            let rest = root.negative_mul_add(root, x);
            (Self::splat(0.5) * inverse).mul_add(rest, root)
        }
    }

    /// As [`sqrt`](Self::sqrt).
    #[inline(always)]
    fn quotient(self, by: Self) -> Self {
        let inverse = Self(unsafe { _mm512_rcp14_ps(by.0) });
        let quotient = self * inverse;
        let rest = quotient.negative_mul_add(by, self);
        rest.mul_add(inverse, quotient)
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
            each!(4, |v| {
                let half = _mm512_castps512_ps256(vectors[v].0);
                halves[v] = _mm256_add_ps(half, _mm512_extractf32x8_ps::<1>(vectors[v].0));
            });
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
            each!(4, |_step| {
                let mut next = rows;
                each!(LANES / 2, |row| {
                    let (a, b) = (rows[row].0, rows[row + LANES / 2].0);
                    next[2 * row] = Self(_mm512_permutex2var_ps(a, low, b));
                    next[2 * row + 1] = Self(_mm512_permutex2var_ps(a, high, b));
                });
                rows = next;
            });
            rows
        }
    }

    /// Four columns at a time: those of every fourth row come together as they are loaded, which
    /// the unit that moves lanes has no part in, and are then turned within quarters of registers.
    #[inline(always)]
    fn load_columns(rows: [&[f32; LANES]; LANES]) -> [Self; LANES] {
        let mut columns = [Self::splat(0.0); LANES];
        for column in (0..LANES).step_by(4) {
            let mut fours = [columns[0].0; 4];
            each!(4, |row| {
                fours[row] = quarters([rows[row], rows[row + 4], rows[row + 8], rows[row + 12]], column);
            });
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
    each!(4, |row| {
        fours[row] = rows[row][column..].first_chunk().expect("four columns");
    });
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
