//! The forward and backward kernels, one file a layer.
//!
//! A kernel is a struct of its operands: batches are slices of rows (`&[[f32; N]]`, all of one
//! length), parameters are arrays. Every forward kernel gives a row the same bits whatever rows
//! are around it; every kernel that adds to the gradient of a parameter adds row after row, so
//! that a batch may be cut into any number of calls.
//!
//! # Panics
//!
//! A kernel panics if its slices do not hold equally many rows: a mistake in the code that calls
//! it, never in data.

// Kernels walk several arrays by one index, as their formulas do.
#![allow(clippy::needless_range_loop)]

pub mod activation;
pub mod avg_pool;
pub mod batch_norm;
pub mod conv;
pub mod dense;
pub mod dropout;
pub mod embedding;
pub mod group_norm;
pub mod layer_norm;
pub mod log_softmax;
pub mod max_pool;
pub mod merge;
pub mod normalize;
pub mod prelu;
pub mod rescale;
pub mod rms_norm;
pub mod softmax;
pub mod window;

mod matmul;
mod pool;
mod sums;

/// From so many rows on, products walk over panels of their right factor, if they are there.
#[cfg(feature = "alloc")]
pub(crate) const LEAST_ROWS: usize = matmul::LEAST_TO_PREDICT[0];

/// Weights and units up to which a product reads the weights of a dense layer in place.
#[cfg(feature = "std")]
pub(crate) const UNPACKED: [usize; 2] = matmul::UNPACKED;

/// Bytes of the packing buffer of a build without `std`.
#[cfg(feature = "std")]
pub(crate) use matmul::PACKING_STACK;

/// Steps of a transposed panel that an input gradient walks along.
#[cfg(feature = "std")]
pub(crate) use matmul::TRANSPOSED_STEPS;

/// The rows of a batch that a product sums without a cut.
#[cfg(feature = "std")]
pub(crate) const UNCUT_ROWS: usize = matmul::UNCUT_ROWS;

/// Takes the memory of this thread that layers of a network may copy operands to in a step.
pub(crate) fn reserve_to_train<N>() {
    if size_of::<N>() >= matmul::LEAST_TO_TRAIN * size_of::<f32>() {
        matmul::reserve();
    }
}

/// The same for predictions of so many rows at a time.
#[cfg(feature = "alloc")]
pub(crate) fn reserve_to_predict<N>(rows: usize) {
    let [least_rows, least_numbers] = matmul::LEAST_TO_PREDICT;
    if rows >= least_rows && size_of::<N>() > least_numbers * size_of::<f32>() {
        matmul::reserve();
    }
}

/// The same for a thread that will do parts of large steps.
#[cfg(feature = "rayon")]
pub(crate) fn reserve() {
    matmul::reserve();
}

#[cfg(test)]
pub(crate) mod testing;
