//! How many multiply-adds one core does in a second: the peak that matrix multiplications are
//! compared with.

use std::hint::black_box;

use nn_bench_protocol::{Numbers, Task};
use nn_runtime::generated::isa::{self, Isa, Kernel, LANES, Vector};

/// The name of this task beside those of the workloads.
pub const NAME: &str = "fma_peak";

/// Multiply-adds of each lane in one iteration.
const DEPTH: usize = 4096;

/// Operations of one iteration.
pub fn flops() -> u64 {
    2 * isa::run(Chains(1)) as u64
}

/// The task: each iteration does [`flops`] operations, and little else.
pub fn task() -> Box<dyn Task> {
    Box::new(Peak)
}

struct Peak;

impl Task for Peak {
    fn check(&mut self) -> Result<Numbers, String> {
        Ok(Numbers::default())
    }

    fn run(&mut self, iterations: u64) -> Result<(), String> {
        black_box(isa::run(Chains(iterations)));
        Ok(())
    }
}

/// As many multiply-adds at a time as a register tile holds, none of which waits for another.
/// Returns how many an iteration does.
struct Chains(u64);

impl Kernel for Chains {
    type Output = usize;

    #[inline(always)]
    fn run<I: Isa>(self) -> usize {
        match I::SUMS {
            24 => chains::<I::Vector, 24>(self.0),
            6 => chains::<I::Vector, 6>(self.0),
            4 => chains::<I::Vector, 4>(self.0),
            _ => chains::<I::Vector, 2>(self.0),
        }
    }
}

#[inline(always)]
fn chains<V: Vector, const SUMS: usize>(iterations: u64) -> usize {
    let (factor, term) = (V::splat(black_box(0.999)), V::splat(black_box(0.001)));
    let mut sums = [V::splat(black_box(1.0)); SUMS];
    for _ in 0..iterations * DEPTH as u64 {
        for sum in &mut sums {
            *sum = sum.mul_add(factor, term);
        }
    }
    black_box(sums.map(V::to_array));
    DEPTH * SUMS * LANES
}
