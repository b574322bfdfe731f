//! How wide vectors are.

/// Floats in a vector, on every instruction set: 512 bits, which are one register, two, or four.
pub const LANES: usize = 16;
