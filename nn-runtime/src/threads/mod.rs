//! Threads: which work is cut for them, how, and who gets the pieces. (Feature `rayon`; without it
//! there is one.)
//!
//! - **Outputs are cut, never a sum.** A piece computes some of the outputs exactly as the whole
//!   would: since the order of every sum is fixed by the layer's sizes, all bits are the same for
//!   any number of threads.
//! - **What is cut is decided when a network is compiled**: generated code enters a kernel through
//!   [`run`] where its multiply-adds, known from the spec, pay for handing over a piece, and
//!   through [`isa::run`] everywhere else, which knows nothing of threads. A network without such a
//!   step stays on its thread, whatever the setting.
//! - **One piece for each thread**, since each packs its own panels of the weights. A piece that no
//!   other thread has begun when the caller has done its own is done by the caller.
//! - **The caller is one of them**; the others are the library's own, a pool for each number of
//!   threads, made on first use and kept. While a step is being taken, and 200 µs longer, they look
//!   for pieces instead of sleeping, if there is a core for each: waking a thread takes longer than
//!   many pieces. Work is cut only on a thread that takes such a step, so other pools of a program
//!   are not disturbed, and one thread never looks at a pool.
//! - A number of threads is a plain number in a [`Trainer`](crate::trainer::Trainer), and not part
//!   of what is trained.

use crate::error::Error;
use crate::isa::{self, Kernel};

#[cfg(feature = "rayon")]
mod pool;
mod split;

pub use split::Split;
pub(crate) use split::split_all;

/// Multiply-adds from which on [`Predictor`](crate::predictor::Predictor) cuts a batch, as a
/// compiled network its steps.
#[cfg(feature = "alloc")]
pub(crate) const MULTIPLY_ADDS: usize = 1 << 22;

/// Weights from which on an optimizer's pass over all of them is cut; fewer stay in a core's caches
/// from step to step.
pub(crate) const WEIGHTS: usize = 1 << 20;

/// Rows of the largest register tile; those of the smaller ones divide it. Threads get whole tiles.
pub(crate) const TILE: usize = 12;

/// A kernel that can be cut.
pub trait Shared: Kernel<Output = ()> {
    /// A piece of it.
    type Piece: Kernel<Output = ()> + Split;

    /// All of it in one piece.
    fn whole(self) -> Self::Piece;
}

/// [`isa::run`], on all threads that the caller's work was given.
#[inline]
pub fn run<K: Shared>(kernel: K) {
    each(kernel.whole(), isa::run);
}

/// Does all of the work in as many pieces as the caller's work was given threads.
#[inline]
pub(crate) fn each<W: Split>(work: W, run: impl Fn(W) + Copy + Send) {
    #[cfg(feature = "rayon")]
    if let Some(pool) = pool::here() {
        return pool.cut(work, run);
    }
    run(work);
}

/// Makes sure that there are so many threads for [`within`]; 0 is one.
///
/// # Errors
///
/// The system gives no more threads, or this crate is built without its feature `rayon`.
pub(crate) fn prepare(threads: usize) -> Result<(), Error> {
    if threads <= 1 {
        return Ok(());
    }
    #[cfg(feature = "rayon")]
    return pool::of(threads).map(|_| ());
    #[cfg(not(feature = "rayon"))]
    return Err(Error::OneThread { threads });
}

/// Does the work on this thread; pieces of it on others too, so many with this one, which
/// [`prepare`] has made.
#[inline]
pub(crate) fn within<R>(threads: usize, work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "rayon")]
    if threads > 1
        && let Ok(pool) = pool::of(threads)
    {
        return pool.within(work);
    }
    let _ = threads;
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_is_always_there() {
        assert!(prepare(0).is_ok() && prepare(1).is_ok());
        assert_eq!(within(1, || 7), 7);
    }

    #[cfg(not(feature = "rayon"))]
    #[test]
    fn more_threads_need_the_feature() {
        let error = prepare(2).unwrap_err();
        assert_eq!(error.to_string(), "cannot compute on 2 threads: nn-runtime is built without its feature `rayon`");
    }
}
