//! The losses, one file each: the sum over the rows of a row's loss, in f64, and its gradient.
//!
//! A kernel returns Σ over rows of the row's loss, and writes the gradient of `scale` times that
//! sum where one is wanted: `scale` is 1 / rows of the whole batch, so that a batch may be cut into
//! any number of calls.
//!
//! # Panics
//!
//! A kernel panics if its slices do not hold equally many rows: a mistake in the code that calls
//! it, never in data.

// Kernels walk several arrays by one index, as their formulas do.
#![allow(clippy::needless_range_loop)]

mod binary_cross_entropy;
mod cross_entropy;
mod elementwise;
mod huber;
mod mean_absolute_error;
mod mean_squared_error;
mod perceptron;
mod smoothed_cross_entropy;
mod squared_error;

pub use binary_cross_entropy::{BinaryCrossEntropy, SmoothedBinaryCrossEntropy};
pub use cross_entropy::{CrossEntropy, CrossEntropyOf};
pub use huber::Huber;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_squared_error::MeanSquaredError;
pub use perceptron::Perceptron;
pub use smoothed_cross_entropy::{SmoothedCrossEntropy, class_factor};
pub use squared_error::SquaredError;

#[cfg(test)]
mod tests;
