//! A sum of products, walked in assembly where nothing is optimised.
//!
//! At opt-level 0 every vector operation is a call that finds its operands in memory. Nothing that
//! is written in Rust gets around that: intrinsics are not `#[inline(always)]`. So the one loop in
//! which a step spends most of its time is a dozen instructions. Five epochs of `specs/digits.nn`
//! took 130 ms by it instead of 207 with AVX-512, and 145 instead of 384 with AVX2. It gives the
//! bits of the loop that it is used for: a test compares both on each instruction set. On AVX2 all
//! other operations are in assembly, too (`avx2_blocks.rs`).

#[cfg(target_arch = "x86_64")]
use super::lanes::LANES;

/// Whether the registers that hold addresses are as wide as addresses. They are not in the x32 ABI,
/// which leaves the upper half of such a register undefined.
#[cfg(target_arch = "x86_64")]
pub(super) const IS_POSSIBLE: bool = cfg!(target_pointer_width = "64");

/// Numbers, or rows of them, at equal distances.
#[derive(Clone, Copy)]
pub struct Spaced<'a> {
    /// Where they are.
    pub numbers: &'a [f32],
    /// The place of the first one.
    pub first: usize,
    /// How far the next one is.
    pub stride: usize,
}

impl Spaced<'_> {
    /// Each `every`-th of them, from one on.
    #[inline(always)]
    pub fn every(self, first: usize, every: usize) -> Self {
        Self { first: self.first + first * self.stride, stride: self.stride * every, ..self }
    }

    /// A pointer to the first of `count` groups of `width` numbers, all of which are there.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn groups(self, count: usize, width: usize) -> *const f32 {
        let end = self.first as u128 + (count as u128 - 1) * self.stride as u128 + width as u128;
        assert!(end <= self.numbers.len() as u128, "all groups of numbers are there");
        self.numbers.as_ptr().wrapping_add(self.first)
    }
}

/// A sum of products of numbers and vectors: `Σ left[d]·right[d]`, one after another.
#[derive(Clone, Copy)]
pub struct Walk<'a> {
    /// The numbers.
    pub left: Spaced<'a>,
    /// The vectors.
    pub right: Spaced<'a>,
    /// How many numbers a vector has; the rest are zeros.
    pub lanes: usize,
    /// How many products there are.
    pub depth: usize,
}

/// The operands of a loop, steps in bytes.
#[cfg(target_arch = "x86_64")]
struct Operands {
    left: *const f32,
    right: *const f32,
    left_step: usize,
    right_step: usize,
}

#[cfg(target_arch = "x86_64")]
impl Walk<'_> {
    /// The operands, all of whose numbers are there; none where there is nothing to add.
    #[inline(always)]
    fn operands(&self) -> Option<Operands> {
        assert!(self.lanes <= LANES, "at most sixteen lanes");
        if self.depth == 0 {
            return None;
        }
        Some(Operands {
            left: self.left.groups(self.depth, 1),
            right: self.right.groups(self.depth, self.lanes),
            left_step: size_of::<f32>() * self.left.stride,
            right_step: size_of::<f32>() * self.right.stride,
        })
    }

    /// Adds to sums with AVX-512.
    ///
    /// # Safety
    ///
    /// The machine has it.
    #[inline(always)]
    pub(super) unsafe fn add_avx512(self, sums: &mut [f32; LANES]) {
        let Some(operands) = self.operands() else { return };
        // SAFETY: `operands` has checked what is read; masked lanes are not read. `sums` is
        // borrowed. Nothing is left in a register.
        unsafe {
            core::arch::asm!(
                "kmovw k1, eax",
                "vmovups zmm0, [rdx]",
                "2:",
                "vbroadcastss zmm1, dword ptr [rdi]",
                "vmovups zmm2{{k1}}{{z}}, [rsi]",
                "vfmadd231ps zmm0, zmm1, zmm2",
                "add rdi, r8",
                "add rsi, r9",
                "dec rcx",
                "jnz 2b",
                "vmovups [rdx], zmm0",
                "vzeroupper",
                in("eax") (1_u32 << self.lanes) - 1,
                in("rdx") sums.as_mut_ptr(),
                inout("rdi") operands.left => _,
                inout("rsi") operands.right => _,
                in("r8") operands.left_step,
                in("r9") operands.right_step,
                inout("rcx") self.depth => _,
                clobber_abi("sysv64"),
                options(nostack),
            );
        }
    }

    /// Adds to sums with AVX2 and FMA, by a mask of −1 in the lanes that count.
    ///
    /// # Safety
    ///
    /// The machine has both.
    #[cfg(all(target_pointer_width = "64", any(unoptimized, test)))]
    #[inline(always)]
    pub(super) unsafe fn add_avx2(self, sums: &mut [f32; LANES], mask: &[i32; LANES]) {
        let Some(operands) = self.operands() else { return };
        // SAFETY: as above.
        unsafe {
            core::arch::asm!(
                "vmovups ymm4, [rax]",
                "vmovups ymm5, [rax + 32]",
                "vmovups ymm0, [rdx]",
                "vmovups ymm1, [rdx + 32]",
                "2:",
                "vbroadcastss ymm2, dword ptr [rdi]",
                "vmaskmovps ymm3, ymm4, [rsi]",
                "vfmadd231ps ymm0, ymm2, ymm3",
                "vmaskmovps ymm3, ymm5, [rsi + 32]",
                "vfmadd231ps ymm1, ymm2, ymm3",
                "add rdi, r8",
                "add rsi, r9",
                "dec rcx",
                "jnz 2b",
                "vmovups [rdx], ymm0",
                "vmovups [rdx + 32], ymm1",
                "vzeroupper",
                in("rax") mask.as_ptr(),
                in("rdx") sums.as_mut_ptr(),
                inout("rdi") operands.left => _,
                inout("rsi") operands.right => _,
                in("r8") operands.left_step,
                in("r9") operands.right_step,
                inout("rcx") self.depth => _,
                clobber_abi("sysv64"),
                options(nostack),
            );
        }
    }
}
