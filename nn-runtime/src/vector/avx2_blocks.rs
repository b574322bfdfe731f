//! The vectors of AVX2 where nothing is optimised: each operation is a block of assembly.
//!
//! At opt-level 0 an intrinsic is a call, sixteen lanes are two of them, and to copy an array of
//! two registers is a call of `memcpy`. A block finds its operands in memory, where they are at
//! that level anyway, and writes its result there. What is copied is one vector of sixteen numbers,
//! which the compiler does by four instructions.
//!
//! Each operation has the bits of the one in `avx2.rs`: a test compares them. 50 epochs of
//! `specs/digits.nn` took 974 ms with blocks and 1,482 with intrinsics.

use core::arch::asm;
use core::arch::x86_64::__m512;
use core::mem::transmute;
use core::ops::{Add, Div, Mul, Sub};

use super::avx2::{Avx2, first};
use super::{LANES, Unaligned, Vector, Walk};

/// Sixteen numbers in memory. No instruction of AVX-512 is used: the type is that of a vector which
/// is copied without a call.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Avx2Blocks(__m512);

// SAFETY, for all that follows: as in `avx2.rs`. A block reads and writes what it has pointers to:
// all lanes of vectors, and of other memory the lanes that its mask allows. It leaves nothing in a
// register.

/// The instructions for eight lanes, `$at` bytes from the start of each vector: loads the operands
/// into the registers that they are named for, and stores the first one.
macro_rules! half {
    ($at:literal $($operand:ident)* : $($line:literal)*) => {
        concat!(
            $("vmovups ", stringify!($operand), ", [{", stringify!($operand), "} + ", $at, "]\n",)*
            $($line, "\n",)*
            "vmovups [{ymm0} + ", $at, "], ymm0",
        )
    };
}

/// Methods on vectors, each by the instructions for eight lanes. The first register is `self`, and
/// then the result.
macro_rules! blocks {
    ($($name:ident($($operand:ident),*): $($line:literal)*;)*) => {$(
        #[inline(always)]
        fn $name(mut self $(, $operand: Self)*) -> Self {
            unsafe {
                asm!(
                    half!(0 ymm0 $($operand)* : $($line)*),
                    half!(32 ymm0 $($operand)* : $($line)*),
                    "vzeroupper",
                    ymm0 = in(reg) &raw mut self,
                    $($operand = in(reg) &raw const $operand,)*
                    clobber_abi("sysv64"),
                    options(nostack),
                );
            }
            self
        }
    )*};
}

/// An operator.
macro_rules! operator {
    ($operator:ident: $name:ident $line:literal) => {
        impl $operator for Avx2Blocks {
            type Output = Self;

            blocks! {
                $name(ymm1): $line;
            }
        }
    };
}

operator!(Add: add "vaddps ymm0, ymm0, ymm1");
operator!(Sub: sub "vsubps ymm0, ymm0, ymm1");
operator!(Mul: mul "vmulps ymm0, ymm0, ymm1");
operator!(Div: div "vdivps ymm0, ymm0, ymm1");

impl Avx2Blocks {
    const ZERO: Self = Self(unsafe { transmute::<[f32; LANES], __m512>([0.0; LANES]) });

    /// The same lanes, for operations that are seldom.
    #[inline(always)]
    fn registers(self) -> Avx2 {
        unsafe { transmute::<Self, Avx2>(self) }
    }

    #[inline(always)]
    fn of(registers: Avx2) -> Self {
        unsafe { transmute::<Avx2, Self>(registers) }
    }
}

impl Vector for Avx2Blocks {
    const WALKS: bool = true;

    #[inline(always)]
    fn walk(mut self, walk: Walk<'_>) -> Self {
        unsafe { walk.add_avx2(&mut *(&raw mut self).cast(), first(walk.lanes)) };
        self
    }

    #[inline(always)]
    fn splat(x: f32) -> Self {
        let mut to = Self::ZERO;
        unsafe {
            asm!(
                "vbroadcastss ymm0, dword ptr [{x}]",
                "vmovups [{to}], ymm0",
                "vmovups [{to} + 32], ymm0",
                "vzeroupper",
                x = in(reg) &raw const x,
                to = in(reg) &raw mut to,
                clobber_abi("sysv64"),
                options(nostack),
            );
        }
        to
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
        let mut to = Self::ZERO;
        unsafe {
            asm!(
                "vbroadcastss ymm0, dword ptr [{fill}]",
                "vmovups ymm1, [{mask}]",
                "vmovups ymm2, [{mask} + 32]",
                "vmaskmovps ymm3, ymm1, [{from}]",
                "vmaskmovps ymm4, ymm2, [{from} + 32]",
                "vblendvps ymm3, ymm0, ymm3, ymm1",
                "vblendvps ymm4, ymm0, ymm4, ymm2",
                "vmovups [{to}], ymm3",
                "vmovups [{to} + 32], ymm4",
                "vzeroupper",
                fill = in(reg) &raw const fill,
                mask = in(reg) first(from.len()),
                from = in(reg) from.as_ptr(),
                to = in(reg) &raw mut to,
                clobber_abi("sysv64"),
                options(nostack),
            );
        }
        to
    }

    #[inline(always)]
    fn store_part(self, to: &mut [f32]) {
        unsafe {
            asm!(
                "vmovups ymm0, [{from}]",
                "vmovups ymm1, [{from} + 32]",
                "vmovups ymm2, [{mask}]",
                "vmovups ymm3, [{mask} + 32]",
                "vmaskmovps [{to}], ymm2, ymm0",
                "vmaskmovps [{to} + 32], ymm3, ymm1",
                "vzeroupper",
                from = in(reg) &raw const self,
                mask = in(reg) first(to.len()),
                to = in(reg) to.as_mut_ptr(),
                clobber_abi("sysv64"),
                options(nostack),
            );
        }
    }

    blocks! {
        mul_add(ymm1, ymm2): "vfmadd213ps ymm0, ymm1, ymm2";
        negative_mul_add(ymm1, ymm2): "vfnmadd213ps ymm0, ymm1, ymm2";
        sqrt(): "vsqrtps ymm0, ymm0";
        quotient(ymm1): "vdivps ymm0, ymm0, ymm1";
        max(ymm1): "vmaxps ymm0, ymm1, ymm0";
        min(ymm1): "vminps ymm0, ymm1, ymm0";
        max_or_nan(ymm1):
            "vcmpunordps ymm2, ymm0, ymm0"
            "vmaxps ymm1, ymm0, ymm1"
            "vblendvps ymm0, ymm1, ymm0, ymm2";
        abs():
            "vpcmpeqd ymm1, ymm1, ymm1"
            "vpsrld ymm1, ymm1, 1"
            "vandps ymm0, ymm0, ymm1";
        with_sign_of(ymm1):
            "vpcmpeqd ymm2, ymm2, ymm2"
            "vpslld ymm2, ymm2, 31"
            "vandps ymm1, ymm1, ymm2"
            "vandnps ymm0, ymm2, ymm0"
            "vorps ymm0, ymm0, ymm1";
        // 2ⁿ in two factors; 127 is what an exponent of 0 is written as.
        times_power_of_two(ymm1):
            "vcvtps2dq ymm1, ymm1"
            "vpsrad ymm2, ymm1, 1"
            "vpsubd ymm1, ymm1, ymm2"
            "vpcmpeqd ymm3, ymm3, ymm3"
            "vpsrld ymm3, ymm3, 25"
            "vpaddd ymm1, ymm1, ymm3"
            "vpaddd ymm2, ymm2, ymm3"
            "vpslld ymm1, ymm1, 23"
            "vpslld ymm2, ymm2, 23"
            "vmulps ymm0, ymm0, ymm2"
            "vmulps ymm0, ymm0, ymm1";
        if_greater(ymm1, ymm2, ymm3):
            "vcmpgt_oqps ymm0, ymm0, ymm1"
            "vblendvps ymm0, ymm3, ymm2, ymm0";
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        self.registers().sum()
    }

    #[inline(always)]
    fn deinterleave(self, other: Self) -> [Self; 2] {
        let [even, odd] = self.registers().deinterleave(other.registers());
        [Self::of(even), Self::of(odd)]
    }

    #[inline(always)]
    fn interleave(self, other: Self) -> [Self; 2] {
        let [low, high] = self.registers().interleave(other.registers());
        [Self::of(low), Self::of(high)]
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        unsafe {
            let columns = Avx2::transpose(transmute::<[Self; LANES], [Avx2; LANES]>(rows));
            transmute::<[Avx2; LANES], [Self; LANES]>(columns)
        }
    }

    #[inline(always)]
    fn spread(rows: &[[f32; 4]; 4]) -> [Self; 4] {
        unsafe { transmute::<[Avx2; 4], [Self; 4]>(Avx2::spread(rows)) }
    }
}
