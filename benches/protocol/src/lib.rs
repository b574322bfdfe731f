//! The protocol between the bench and the programs that it measures.
//!
//! A program is started with the folder of the [`arrays`] as its argument, says
//! `ready NAME VERSION`, and then answers each line that it reads with one line:
//!
//! | it reads | it answers |
//! | --- | --- |
//! | `check WORKLOAD` | `numbers outputs 0.1 0.9 … losses 2.3 2.2 2.1` ([`Numbers`]) |
//! | `time WORKLOAD SECONDS` | `time NANOSECONDS ITERATIONS`: the mean of as many iterations as fit, one at least |
//! | `quit`, or the end of the input | nothing: it ends |
//!
//! It answers `none` to a workload that it does not have, and `error` with one line of text if it
//! fails.
//!
//! [`mod@serve`] is that loop for programs in Rust.

pub mod arrays;
pub mod numbers;
pub mod serve;
pub mod workload;

pub use arrays::Arrays;
pub use numbers::Numbers;
pub use serve::{Inference, Task, Training, inference, serve, training};
pub use workload::{Convolution, WORKLOADS, Workload};
