//! The oracle: runs a plan in f64 on [`ndarray`], slow and obvious.
//!
//! Generated code is tested against it, and `nn trace` shows its numbers. A buffer is a matrix of one row
//! for each row of the batch (a fixed buffer has one row); a tensor is a matrix of its last dimension.

mod activation;
mod machine;
mod numbers;
mod ops;
mod optimizer;
mod penalty;
mod state;
mod training;

pub use machine::{OutputGradients, run, run_external, run_on_slots, run_part, run_with_update};
pub use optimizer::Stepper;
pub use penalty::penalty;
pub use state::{Batch, Run, State, Targets};
pub use training::{clip_norm, learning_rate, step, step_in_chunks};
