//! How many multiply-adds one core does in a second: the peak that products are held against.

use std::hint::black_box;

use nn_bench_protocol::{Numbers, Task};
use nn_runtime::isa::{self, Isa, Kernel};

/// The name of this task beside those of the workloads.
pub const NAME: &str = "fma_peak";

/// Multiply-adds of each lane in one iteration.
const DEPTH: usize = 4096;

/// Operations of one iteration.
pub fn flops() -> u64 {
    2 * isa::run(Chains(1)) as u64
}

/// The task: each iteration does [`flops`] operations, and nothing else to speak of.
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

/// As many multiply-adds at a time as a register tile holds, none of which waits for another. Returns how many
/// an iteration does.
struct Chains(u64);

impl Kernel for Chains {
    type Output = usize;

    #[inline(always)]
    fn run<I: Isa>(self) -> usize {
        match I::COLUMNS {
            64 => chains::<I, 6, 64>(self.0),
            16 => chains::<I, 6, 16>(self.0),
            _ => chains::<I, 4, 8>(self.0),
        }
    }
}

#[inline(always)]
fn chains<I: Isa, const ROWS: usize, const COLUMNS: usize>(iterations: u64) -> usize {
    let (factor, term) = black_box((0.999_f32, 0.001_f32));
    let mut sums = black_box([[1.0_f32; COLUMNS]; ROWS]);
    for _ in 0..iterations * DEPTH as u64 {
        for row in &mut sums {
            for sum in row {
                *sum = I::fma(*sum, factor, term);
            }
        }
    }
    black_box(&sums);
    DEPTH * ROWS * COLUMNS
}
