//! The instruction sets a kernel is compiled for, and the one place that chooses between them.
//!
//! A kernel is a struct of its operands that implements [`Kernel`]: its body is generic over
//! [`Isa`], which gives its vectors and the size of a register tile and says whether a multiply-add fuses. [`run`]
//! picks the best [`Path`] of this machine (looked up once) and enters it through a
//! `#[target_feature]` function. What is not inlined into that function loses the vector width, and
//! calls `fmaf` instead of fusing: so everything a kernel calls is `#[inline(always)]`.
//!
//! Without `std` nothing can be detected: the path is the one that the crate is compiled for, and
//! a multiply-add does not fuse, since `core` has no `mul_add`.
//!
//! Each kernel is entered by a method of its own type (`Enter`). rustc compiles what belongs to the
//! types of one module on one thread, so kernels of different files are compiled in parallel, and
//! the plain path is not compiled again at each call.
//!
//! Plans of more than 64 steps enter each kernel by a call ([`run_apart`]): choosing the
//! instruction set inline at each of hundreds of kernels was a third of what rustc compiled. 200
//! `dense(16) -> relu` take 11 s of CPU instead of 16. A call takes a nanosecond, so small networks
//! choose inline.

#![allow(unsafe_code)] // Calling a `#[target_feature]` function is unsafe; nothing else here is.

pub use crate::vector::{LANES, Vector};

#[cfg(target_arch = "x86_64")]
use crate::fma::fused;
use crate::fma::portable;
use crate::vector;

/// An instruction set, as far as a kernel needs to know it. The types that implement it can't be named outside of this
/// file, so that a kernel runs on a set of the machine or not at all.
pub trait Isa: Copy {
    /// As a value.
    const PATH: Path;
    /// Sixteen floats in its registers.
    type Vector: Vector;
    /// How many vectors of sums fit into its registers beside their operands.
    const SUMS: usize;
    /// Vectors in a row of a register tile.
    const WIDTH: usize;

    /// `a·b + c`, with one rounding where the set fuses and `std` is there, else with two.
    fn fma(a: f32, b: f32, c: f32) -> f32;
}

/// The sets, which nobody else can name.
mod set {
    /// 32 registers of 16 floats.
    #[cfg(target_arch = "x86_64")]
    #[derive(Clone, Copy, Debug)]
    pub struct Avx512;

    /// 16 registers of 8 floats, and FMA.
    #[cfg(target_arch = "x86_64")]
    #[derive(Clone, Copy, Debug)]
    pub struct Avx2;

    /// What every machine of the target has: SSE2 on x86-64, NEON on aarch64.
    #[derive(Clone, Copy, Debug)]
    pub struct Baseline;
}

#[cfg(target_arch = "x86_64")]
impl Isa for set::Avx512 {
    const PATH: Path = Path::Avx512;

    type Vector = vector::Avx512;

    const SUMS: usize = 24;
    const WIDTH: usize = 2;

    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        fused(a, b, c)
    }
}

#[cfg(target_arch = "x86_64")]
impl Isa for set::Avx2 {
    const PATH: Path = Path::Avx2;

    type Vector = vector::Avx2;

    const SUMS: usize = 6;
    const WIDTH: usize = 1;

    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        fused(a, b, c)
    }
}

impl Isa for set::Baseline {
    const PATH: Path = Path::Baseline;

    type Vector = vector::Portable;

    const SUMS: usize = if cfg!(target_arch = "aarch64") { 4 } else { 2 };
    const WIDTH: usize = 1;

    #[inline(always)]
    fn fma(a: f32, b: f32, c: f32) -> f32 {
        portable(a, b, c)
    }
}

/// A computation on borrowed operands, compiled once per instruction set.
pub trait Kernel: Sized {
    /// What it returns besides what it writes.
    type Output;

    /// The computation. Implementations are `#[inline(always)]`.
    fn run<I: Isa>(self) -> Self::Output;
}

/// Runs a kernel on the best path of this machine.
#[inline]
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    enter(Path::current(), kernel)
}

/// Like [`run`], in a function of its own for each type of kernel. In a step of hundreds of kernels the choice of the path
/// at each is a third of what is compiled.
#[inline(never)]
pub fn run_apart<K: Kernel>(kernel: K) -> K::Output {
    run(kernel)
}

/// Runs a kernel inside the body of a step, which was entered on the set `I`: inline, so that a step of a few hundred
/// nanoseconds has no calls. With `debug_assertions` it is a function of its own: without optimisation, each kernel has
/// its own place in the frame of the body, which was 1.5 MB for 28 kernels of small convolutions. A thread of a test has
/// 2 MiB.
#[inline(always)]
pub fn run_part<I: Isa, K: Kernel>(kernel: K) -> K::Output {
    if cfg!(debug_assertions) { enter_apart(I::PATH, kernel) } else { kernel.run::<I>() }
}

#[inline(never)]
fn enter_apart<K: Kernel>(path: Path, kernel: K) -> K::Output {
    enter(path, kernel)
}

/// Runs a kernel on the path given, for tests that hold paths together.
///
/// # Panics
///
/// If this machine does not have the path.
#[doc(hidden)]
pub fn run_on<K: Kernel>(path: Path, kernel: K) -> K::Output {
    assert!(path.is_available(), "this machine has no {path:?}");
    enter(path, kernel)
}

/// What [`run`] is, for one path: a kernel that is entered here is compiled for no other. For tests, which are built for
/// the machine that they run on.
///
/// # Panics
///
/// If this machine does not have the path.
#[doc(hidden)]
pub mod only {
    use super::Kernel;
    #[cfg(target_arch = "x86_64")]
    use super::{Enter, Path};

    #[cfg(target_arch = "x86_64")]
    pub fn avx512<K: Kernel>(kernel: K) -> K::Output {
        assert!(Path::Avx512.is_available(), "this machine has no AVX-512");
        // SAFETY: the path is available, so the machine has the features of the wrapper.
        unsafe { kernel.avx512() }
    }

    #[cfg(target_arch = "x86_64")]
    pub fn avx2<K: Kernel>(kernel: K) -> K::Output {
        assert!(Path::Avx2.is_available(), "this machine has no AVX2");
        // SAFETY: as above.
        unsafe { kernel.avx2() }
    }

    pub fn baseline<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<super::set::Baseline>()
    }
}

/// A path that a kernel is running on, so that this machine has it.
#[derive(Clone, Copy)]
pub(crate) struct Running(Path);

impl Running {
    /// The path of a kernel that calls this: nothing else can name its set.
    #[inline(always)]
    pub fn on<I: Isa>() -> Self {
        Self(I::PATH)
    }
}

/// Runs a part of a kernel on the path of that: in a function without type parameters, so that it is compiled once, with this
/// crate.
#[inline(always)]
pub(crate) fn run_within<K: Kernel>(path: Running, kernel: K) -> K::Output {
    enter(path.0, kernel)
}

/// One of the instruction sets, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// What every machine of the target has: SSE2 on x86-64, NEON on aarch64.
    Baseline,
    /// 16 registers of 8 floats, and FMA.
    Avx2,
    /// 32 registers of 16 floats.
    Avx512,
}

impl Path {
    /// Every path there is, the best one last.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// The path that [`run`] takes.
    #[inline]
    pub fn current() -> Self {
        detection::current()
    }

    /// Whether this machine (without `std`: this build) can take the path.
    pub fn is_available(self) -> bool {
        match self {
            Self::Baseline => true,
            Self::Avx2 => detection::avx2(),
            Self::Avx512 => detection::avx512(),
        }
    }

    fn best() -> Self {
        if Self::Avx512.is_available() {
            Self::Avx512
        } else if Self::Avx2.is_available() {
            Self::Avx2
        } else {
            Self::Baseline
        }
    }
}

#[cfg(feature = "std")]
pub use detection::force;

#[cfg(all(feature = "std", target_arch = "x86_64"))]
macro_rules! has {
    ($($feature:tt)*) => { $(std::arch::is_x86_feature_detected!($feature))&&* };
}

#[cfg(all(not(feature = "std"), target_arch = "x86_64"))]
macro_rules! has {
    ($($feature:tt)*) => { $(cfg!(target_feature = $feature))&&* };
}

#[cfg(not(target_arch = "x86_64"))]
macro_rules! has {
    ($($feature:tt)*) => {
        false
    };
}

/// The features of the two wrappers below, asked for.
mod detection {
    use super::Path;

    pub fn avx2() -> bool {
        has!("avx2" "fma")
    }

    pub fn avx512() -> bool {
        has!("avx512f" "avx512vl" "avx512dq" "avx512bw" "avx2" "fma")
    }

    #[cfg(not(feature = "std"))]
    #[inline]
    pub fn current() -> Path {
        Path::best()
    }

    #[cfg(feature = "std")]
    mod cached {
        use super::Path;
        use core::sync::atomic::{AtomicU8, Ordering};

        const UNKNOWN: u8 = u8::MAX;

        /// An index into [`Path::ALL`]. Relaxed: every thread that looks finds the same.
        static CURRENT: AtomicU8 = AtomicU8::new(UNKNOWN);

        #[inline]
        pub fn current() -> Path {
            match CURRENT.load(Ordering::Relaxed) {
                0 => Path::Baseline,
                1 => Path::Avx2,
                2 => Path::Avx512,
                _ => first(),
            }
        }

        #[cold]
        fn first() -> Path {
            let best = Path::best();
            CURRENT.store(best as u8, Ordering::Relaxed);
            best
        }

        /// Makes the whole process take one path (`None`: the best one again), for tests.
        ///
        /// # Panics
        ///
        /// If this machine does not have the path.
        #[doc(hidden)]
        pub fn force(path: Option<Path>) {
            let path = path.unwrap_or_else(Path::best);
            assert!(path.is_available(), "this machine has no {path:?}");
            CURRENT.store(path as u8, Ordering::Relaxed);
        }
    }

    #[cfg(feature = "std")]
    pub use cached::{current, force};
}

/// `path` must be available: the callers see to it.
#[cfg(target_arch = "x86_64")]
#[inline]
fn enter<K: Kernel>(path: Path, kernel: K) -> K::Output {
    match path {
        Path::Baseline => kernel.baseline(),
        // SAFETY: the path is available, so the machine has the features of the wrapper.
        Path::Avx2 => unsafe { kernel.avx2() },
        // SAFETY: as above.
        Path::Avx512 => unsafe { kernel.avx512() },
    }
}

/// A kernel on each path, compiled once. Methods of its type, since rustc compiles what belongs to the types of one module
/// on one thread: as functions of this file they would all wait for each other.
#[cfg(target_arch = "x86_64")]
trait Enter: Kernel {
    /// On what every machine has.
    fn baseline(self) -> Self::Output;

    /// # Safety
    ///
    /// The machine has AVX2 and FMA.
    unsafe fn avx2(self) -> Self::Output;

    /// # Safety
    ///
    /// The machine has the parts of AVX-512 that are enabled here.
    unsafe fn avx512(self) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
impl<K: Kernel> Enter for K {
    #[inline(never)]
    fn baseline(self) -> Self::Output {
        self.run::<set::Baseline>()
    }

    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(self) -> Self::Output {
        self.run::<set::Avx2>()
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
    unsafe fn avx512(self) -> Self::Output {
        self.run::<set::Avx512>()
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn enter<K: Kernel>(_: Path, kernel: K) -> K::Output {
    kernel.run::<set::Baseline>()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct MultiplyAdd(f32, f32, f32);

    impl Kernel for MultiplyAdd {
        type Output = f32;

        #[inline(always)]
        fn run<I: Isa>(self) -> f32 {
            I::fma(self.0, self.1, self.2)
        }
    }

    #[test]
    fn every_path_multiplies_and_adds() {
        for path in Path::ALL.into_iter().filter(|path| path.is_available()) {
            assert_eq!(run_on(path, MultiplyAdd(2.0, 3.0, 4.0)), 10.0, "{path:?}");
        }
    }

    #[test]
    fn the_current_path_is_the_best_one() {
        assert_eq!(Path::current(), Path::best());
        assert_eq!(run(MultiplyAdd(2.0, 3.0, 4.0)), 10.0);
    }
}
