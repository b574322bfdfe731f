//! The pools, by their number of threads.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon_core::{ThreadPool, ThreadPoolBuilder, join};

use super::Split;
use crate::error::Error;
use crate::layers;

/// Pools live as long as the program: who waits for work sleeps, and a training that comes later finds its threads.
static POOLS: Mutex<BTreeMap<usize, &'static ThreadPool>> = Mutex::new(BTreeMap::new());

thread_local! {
    static THREADS: Cell<usize> = const { Cell::new(1) };
}

/// How many threads the pool has that this thread belongs to, if it is one of ours; else 1.
#[inline]
pub fn threads_here() -> usize {
    THREADS.get()
}

/// The pool of so many threads, made where there is none yet.
pub fn of(threads: usize) -> Result<&'static ThreadPool, Error> {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(pool);
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|index| format!("nn-{index}"))
        .start_handler(move |_| {
            THREADS.set(threads);
            layers::reserve();
        })
        .build()
        .map_err(|error| Error::Threads { threads, reason: error.to_string() })?;
    let pool: &'static ThreadPool = Box::leak(Box::new(pool));
    pools.insert(threads, pool);
    Ok(pool)
}

/// Does the work in so many pieces, where it is large enough.
pub fn cut<W: Split>(work: W, pieces: usize, run: impl Fn(W) + Copy + Send + Sync) {
    let (size, first) = (work.size(), pieces / 2);
    let index = nearest(size * first / pieces, W::GRAIN);
    if index == 0 || index >= size {
        return run(work);
    }
    let (work, rest) = work.split_at(index);
    join(|| cut(work, first, run), || cut(rest, pieces - first, run));
}

/// The multiple of `grain` next to a number.
fn nearest(number: usize, grain: usize) -> usize {
    (number + grain / 2) / grain * grain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::{each, prepare, within};

    struct Count<'a>(&'a mut [u32]);

    impl Split for Count<'_> {
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
                within(threads, || each(Count(&mut counts), |piece| piece.0.iter_mut().for_each(|count| *count += 1)));
                assert!(counts.iter().all(|count| *count == 1), "{threads} {size}: {counts:?}");
            }
        }
    }

    #[test]
    fn only_threads_of_ours_cut() {
        assert_eq!(threads_here(), 1);
        prepare(3).unwrap();
        assert_eq!(within(3, threads_here), 3);
        let theirs = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        assert_eq!(theirs.install(threads_here), 1);
    }

    #[test]
    fn pieces_are_near_equal() {
        assert_eq!([0, 1, 6, 11, 128, 130].map(|number| nearest(number, 12)), [0, 0, 12, 12, 132, 132]);
    }
}
