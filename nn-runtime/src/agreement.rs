//! Numbers that `nn-compiler` has, too. `tests/tests/training/agreement.rs` compares them with `nn_compiler::agreement`.

use crate::{isa, layers, memory, row, threads, trainable};

/// Numbers in a vector and in a cache line.
pub const LINE: usize = isa::LANES;

/// Numbers in the lines that memory is made of.
pub const MEMORY_LINE: usize = memory::LINE;

/// Weights of a dense layer up to which a product reads them in place.
pub const UNPACKED_WEIGHTS: usize = layers::UNPACKED[0];

/// Units of a dense layer up to which a product reads the weights in place.
pub const UNPACKED_UNITS: usize = layers::UNPACKED[1];

/// The rows of a batch that a product sums without a cut.
pub const UNCUT_ROWS: usize = layers::UNCUT_ROWS;

/// Multiply-adds from which on threads share a batch of predictions.
pub const SHARED_MULTIPLY_ADDS: usize = threads::MULTIPLY_ADDS;

/// Numbers in the band of an image that a convolution reads.
pub const BAND: usize = layers::conv::BAND;

/// Capacities of bands, in numbers.
pub const CONV_BANDS: [usize; 4] = layers::conv::BANDS;

/// Capacities for the sums of a convolution, in vectors.
pub const CONV_STAGES: [usize; 3] = layers::conv::STAGES;

/// Bytes of the packing buffer of a build without `std`.
pub const PACKING_STACK: usize = layers::PACKING_STACK;

/// Steps of a transposed panel that an input gradient walks along.
pub const TRANSPOSED_STEPS: usize = layers::TRANSPOSED_STEPS;

/// The most terms of a loss with class weights.
pub const WEIGHTED_TERMS: usize = trainable::MAX_WEIGHTED;

/// The most values in a tuple that is a row.
pub const TUPLE_VALUES: usize = row::MOST_VALUES;
