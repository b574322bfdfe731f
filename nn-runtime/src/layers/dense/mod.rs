//! `dense(units)`: y = f(x·W + b).
//!
//! | value | shape              |
//! | ----- | ------------------ |
//! | x     | `[rows, K]`        |
//! | W     | `[K, N]`           |
//! | b     | `[N]`              |
//! | y     | `[rows, N]`        |
//!
//! Backward, with dy the gradient of x·W + b: dW += xᵀ·dy, db += Σ dy over the rows, dx = dy·Wᵀ.
//!
//! Every sum has one order: over k from the bias upwards, over rows from the stored gradient
//! upwards. Forward, a narrow layer of eight inputs and more sums over k in two or four
//! accumulators that take turns, and one of one unit in the lanes of a vector, since one
//! accumulator of multiply-adds would wait for itself.
//!
//! Each kernel has a file of its own: what belongs to the types of one module is compiled on one
//! thread.

mod few_units;
mod forward;
mod input_gradient;
mod update;
mod weight_gradient;

pub use crate::layers::matmul::Line;
pub use forward::{CopyPanels, Forward};
pub use input_gradient::InputGradient;
pub use update::{BiasUpdate, WeightUpdate, WeightUpdateRows};
pub use weight_gradient::{WeightGradient, WeightGradientRows};

#[cfg(test)]
mod tests;
