//! `nn-runtime` as tests of networks see it: all of it, but for [`generated::isa::run`], which compiles
//! the kernels of a network for the best instruction set of this machine alone.
//!
//! A program chooses between the sets when it runs, so each kernel is compiled for three. Most of what the tests of
//! networks take is being compiled, and they run on the best set either way; kernels are compared on all sets by the
//! tests of `nn-runtime`.

pub use nn_runtime::*;

/// [`nn_runtime::network!`] for this crate.
#[macro_export]
macro_rules! __one_set {
    ($($spec:tt)*) => { $crate::generated::define! { ($crate) $($spec)* } };
}
pub use __one_set as network;

/// [`nn_runtime::prelude`] with the `network!` of this crate.
pub mod prelude {
    pub use crate::__one_set as network;
    pub use nn_runtime::prelude::*;
}

/// [`nn_runtime::generated`] with one instruction set.
pub mod generated {
    pub use nn_runtime::generated::*;

    /// [`nn_runtime::generated::isa`] with one set.
    pub mod isa {
        pub use nn_runtime::generated::isa::*;

        /// The only path of [`run`].
        pub const ONLY: Path = if cfg!(set = "avx512") {
            Path::Avx512
        } else if cfg!(set = "avx2") {
            Path::Avx2
        } else {
            Path::Baseline
        };

        /// Runs a kernel on the best path of this machine.
        pub fn run<K: Kernel>(kernel: K) -> K::Output {
            #[cfg(set = "avx512")]
            return nn_runtime::generated::isa::only::avx512(kernel);
            #[cfg(set = "avx2")]
            return nn_runtime::generated::isa::only::avx2(kernel);
            #[cfg(set = "baseline")]
            return nn_runtime::generated::isa::only::baseline(kernel);
        }

        /// Runs a kernel inside the body of a step, inline.
        #[inline(always)]
        pub fn run_part<I: Isa, K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<I>()
        }

        /// Runs a kernel on the best path of this machine, by a call.
        #[inline(never)]
        pub fn run_apart<K: Kernel>(kernel: K) -> K::Output {
            run(kernel)
        }
    }

    /// [`nn_runtime::generated::scope`] with [`run`](isa::run) for one set.
    pub mod scope {
        pub use super::isa::run;
        pub use nn_runtime::generated::scope::*;
    }
}
