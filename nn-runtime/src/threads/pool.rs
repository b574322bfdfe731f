//! The pools, by their number of threads.
//!
//! While a step is taken and 200 µs longer, idle threads look for pieces instead of sleeping, if
//! there is a core for each. Woken from sleep, they were 50 µs late for each kernel: 6 % of the
//! largest training of the bench on two threads, 13 % of its largest prediction, and too much to
//! share small kernels at all.
//!
//! They yield while they look. Where the system had put two of them on one core, looking alone took
//! half of it, and training was slower than on one thread for tens of milliseconds.
//!
//! `rayon-core` alone is used: the iterators of `rayon` are not needed and would be compiled with
//! every network.

use std::boxed::Box;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use std::vec::Vec;

use rayon_core::{ThreadPool, ThreadPoolBuilder, Yield};

use super::split::Split;
use crate::error::Error;
use crate::layers;

/// Pools live as long as the program: threads without work sleep, and a later training finds its
/// threads.
static POOLS: Mutex<BTreeMap<usize, &'static Pool>> = Mutex::new(BTreeMap::new());

/// How long a thread looks for the next step before it sleeps, and a caller for the last piece of a
/// step. Waking a thread takes 50 µs and more on virtual cores, as long as some steps.
const PATIENCE: Duration = Duration::from_micros(200);

thread_local! {
    static HERE: Cell<Option<&'static Pool>> = const { Cell::new(None) };
    static WATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Threads that do pieces of another thread's steps.
pub struct Pool {
    workers: ThreadPool,
    /// How many threads there are, the caller's included.
    threads: usize,
    /// Whether there is a core for each.
    has_cores: bool,
    /// How many callers there are now.
    callers: AtomicUsize,
    /// How many workers look for pieces instead of sleeping.
    watching: AtomicUsize,
}

/// The pool that the work on this thread was given, if any.
#[inline]
pub fn here() -> Option<&'static Pool> {
    HERE.get()
}

/// The pool of so many threads, more than one, made where there is none yet.
pub fn of(threads: usize) -> Result<&'static Pool, Error> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(pool);
    }
    let workers = ThreadPoolBuilder::new()
        .num_threads(threads - 1)
        .thread_name(|index| format!("nn-{}", index + 1))
        .start_handler(|_| layers::reserve())
        .build()
        .map_err(|error| Error::Threads { threads, reason: error.to_string() })?;
    let has_cores = thread::available_parallelism().is_ok_and(|cores| cores.get() >= threads);
    let (callers, watching) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let pool: &'static Pool = Box::leak(Box::new(Pool { workers, threads, has_cores, callers, watching }));
    pools.insert(threads, pool);
    Ok(pool)
}

impl Pool {
    /// Does work on this thread that may be cut for the others, who are awake meanwhile.
    pub fn within<R>(&'static self, work: impl FnOnce() -> R) -> R {
        let _caller = Count::one_more(&self.callers);
        if self.has_cores && self.watching.load(Ordering::Relaxed) < self.threads - 1 {
            self.workers.spawn_broadcast(|_| self.watch());
        }
        let _here = Here::be(Some(self));
        work()
    }

    /// Does what there is to be done, until there has been nothing for a while. It gives way as it
    /// waits: a system that has put two threads on one core may take many steps to part them, and
    /// meanwhile one that only looks would take half of the core.
    fn watch(&self) {
        if WATCHES.replace(true) {
            return;
        }
        let watching = Count::one_more(&self.watching);
        let mut since = Instant::now();
        while since.elapsed() < PATIENCE {
            let is_busy = self.workers.yield_now() == Some(Yield::Executed);
            if is_busy || self.callers.load(Ordering::Relaxed) > 0 {
                since = Instant::now();
            }
            if !is_busy {
                thread::yield_now();
            }
        }
        drop(watching);
        WATCHES.set(false);
    }

    /// Does the work in as many pieces as there are threads, where it is large enough.
    pub fn cut<W: Split>(&self, work: W, run: impl Fn(W) + Copy + Send) {
        let (own, others) = pieces(work, self.threads);
        let job = |piece| -> Job<'_> { Box::new(move || run(piece)) };
        let others: Vec<Pending<'_>> = others.into_iter().map(|piece| Mutex::new(Some(job(piece)))).collect();
        self.share(job(own), &others);
    }

    /// Does them all. One that nobody else has begun when the caller has done its own, it does too.
    /// (For any work, so that it is compiled once.)
    fn share(&self, own: Job<'_>, others: &[Pending<'_>]) {
        // Within a piece nothing is cut again.
        let _here = Here::be(None);
        if others.is_empty() {
            return own();
        }
        let pending = AtomicUsize::new(others.len());
        self.workers.in_place_scope(|scope| {
            for other in others {
                scope.spawn(|_| {
                    do_pending(other);
                    pending.fetch_sub(1, Ordering::Release);
                });
            }
            own();
            others.iter().rev().for_each(do_pending);
            if self.has_cores {
                wait_for(&pending);
            }
        });
    }
}

/// A piece of work.
type Job<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Work that the first free thread takes.
type Pending<'a> = Mutex<Option<Job<'a>>>;

/// Does it, if nobody has begun it.
fn do_pending(pending: &Pending<'_>) {
    let job = pending.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(job) = job {
        job();
    }
}

/// Waits without sleeping, for a while, and gives way as in [`Pool::watch`].
fn wait_for(pending: &AtomicUsize) {
    /// What a thread does after it has said so.
    const FAREWELL: usize = 16;
    let since = Instant::now();
    while pending.load(Ordering::Acquire) > 0 {
        if since.elapsed() > PATIENCE {
            return;
        }
        thread::yield_now();
    }
    for _ in 0..FAREWELL {
        spin_loop();
    }
}

/// A piece of the work for the caller, and those for the others.
fn pieces<W: Split>(work: W, count: usize) -> (W, Vec<W>) {
    let (mut own, mut others) = (work, Vec::new());
    for left in (2..=count).rev() {
        let size = own.size();
        let index = nearest(size / left, W::GRAIN).max(W::GRAIN);
        if index >= size {
            break;
        }
        let (first, rest) = own.split_at(index);
        others.push(first);
        own = rest;
    }
    (own, others)
}

/// The multiple of `grain` next to a number.
fn nearest(number: usize, grain: usize) -> usize {
    (number + grain / 2) / grain * grain
}

/// The pool of this thread, until it is dropped; then the one before.
struct Here(Option<&'static Pool>);

impl Here {
    fn be(pool: Option<&'static Pool>) -> Self {
        Self(HERE.replace(pool))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        HERE.set(self.0);
    }
}

/// One more, until it is dropped.
struct Count<'a>(&'a AtomicUsize);

impl<'a> Count<'a> {
    fn one_more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Count<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::{each, prepare, within};
    use std::sync::atomic::AtomicBool;
    use std::vec;

    struct Parts<'a>(&'a mut [u32]);

    impl Split for Parts<'_> {
        const GRAIN: usize = 4;

        fn size(&self) -> usize {
            self.0.len()
        }

        fn split_at(self, index: usize) -> (Self, Self) {
            assert!(index.is_multiple_of(4) && index > 0 && index < self.0.len());
            let (first, rest) = self.0.split_at_mut(index);
            (Self(first), Self(rest))
        }
    }

    #[test]
    fn everything_is_done_once() {
        for threads in 1..=5 {
            prepare(threads).unwrap();
            for size in [0, 1, 3, 4, 5, 8, 9, 30, 33, 100] {
                let mut counts = vec![0; size];
                let count = |piece: Parts<'_>| piece.0.iter_mut().for_each(|count| *count += 1);
                within(threads, || each(Parts(&mut counts), count));
                assert!(counts.iter().all(|count| *count == 1), "{threads} {size}: {counts:?}");
            }
        }
    }

    #[test]
    fn pieces_are_near_equal() {
        let sizes = |size, count| {
            let mut numbers = vec![0; size];
            let (own, others) = pieces(Parts(&mut numbers), count);
            let others = others.into_iter().map(|piece| piece.0.len());
            others.chain([own.0.len()]).collect::<Vec<_>>()
        };
        assert_eq!(sizes(100, 3), [32, 36, 32]);
        assert_eq!(sizes(9, 2), [4, 5]);
        assert_eq!(sizes(9, 5), [4, 4, 1]);
        assert_eq!(sizes(1, 2), [1]);
        assert_eq!([0, 1, 6, 11, 128, 130].map(|number| nearest(number, 12)), [0, 0, 12, 12, 132, 132]);
    }

    #[test]
    fn only_work_that_was_given_a_pool_is_cut() {
        assert!(here().is_none());
        prepare(3).unwrap();
        assert_eq!(within(3, || here().map(|pool| pool.threads)), Some(3));
        assert!(here().is_none());
        let theirs = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        assert!(theirs.install(|| here().is_none()));
    }

    #[test]
    fn a_piece_is_not_cut_again() {
        prepare(2).unwrap();
        let is_cut = AtomicBool::new(false);
        let look = |_: Parts<'_>| {
            if here().is_some() {
                is_cut.store(true, Ordering::Relaxed);
            }
        };
        within(2, || each(Parts(&mut [0; 8]), look));
        assert!(!is_cut.into_inner());
    }

    /// The pool is as good as before when a piece has panicked.
    #[test]
    fn a_panic_reaches_the_caller() {
        prepare(2).unwrap();
        let pieces = |bad: usize| {
            let mut numbers = [0; 8];
            numbers[bad] = 1;
            within(2, || each(Parts(&mut numbers), |piece| assert!(piece.0.iter().all(|number| *number == 0))));
        };
        for bad in [0, 7] {
            assert!(std::panic::catch_unwind(|| pieces(bad)).is_err());
        }
        assert!(here().is_none());
        within(2, || each(Parts(&mut [0; 8]), |_| ()));
    }
}
