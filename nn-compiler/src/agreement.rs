//! Numbers that `nn-runtime` has, too: a plan is right, or fast, only if both agree.
//!
//! This crate does not depend on the runtime, so they are written here once more.
//! `tests/tests/training/agreement.rs` compares them with `nn_runtime::agreement`.

/// Numbers in a vector and in a cache line, where every tensor begins: 64 bytes.
pub const LINE: usize = 16;

/// Weights of a dense layer up to which a product reads them in place, since they stay in a first-level cache.
pub const UNPACKED_WEIGHTS: usize = 8192;

/// Units of a dense layer up to which a product reads the weights in place.
pub const UNPACKED_UNITS: usize = 4 * LINE;

/// The rows of a batch that a product sums without a cut, so that an optimizer takes gradients from registers.
pub const UNCUT_ROWS: usize = 256;

/// Multiply-adds from which on threads share a step: some 35 µs of one core with AVX-512. A piece
/// is handed to a thread that is awake in 2 to 3 µs, but arrives much later where another program
/// has its core.
///
/// Measured on two cores of a virtual machine (Xeon, AVX-512), a step on two threads with a limit
/// of 33 million → with this one: 784-256-128-10 at 128 rows, whose steps have up to 26 million,
/// 1100 → 810 µs; LeNet-5 at 32 images 910 → 810 µs. With one million 784-128-64-10 at 32 rows, one
/// of whose steps has 3.2 million and the others less, won nothing (112 µs on one thread, 110 on
/// two), and took 323 µs beside programs whose threads do not sleep.
pub const SHARED_MULTIPLY_ADDS: usize = 1 << 22;

/// Numbers in the band of an image that a convolution reads.
pub const BAND: usize = CONV_BANDS[3];

/// Capacities of bands, in numbers: a layer has the least that suffices.
pub const CONV_BANDS: [usize; 4] = [1 << 9, 1 << 11, 1 << 13, 1 << 14];

/// Capacities for the sums of a convolution, in vectors.
pub const CONV_STAGES: [usize; 3] = [32, 128, 512];

/// Bytes of the packing buffer of a build without `std`, which is on the stack.
pub const PACKING_STACK: usize = 81_984;

/// Steps of a transposed panel that an input gradient walks along.
pub const TRANSPOSED_STEPS: usize = 128;

/// The most terms of a loss with class weights.
pub const WEIGHTED_TERMS: usize = 8;

/// The most inputs and the most outputs of a network: a row is a tuple of them.
pub const TUPLE_VALUES: usize = 8;
