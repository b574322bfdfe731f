//! The largest and the smallest spec.

/// The longest spec, in bytes.
pub const MAX_BYTES: usize = 1 << 18;
/// The deepest nesting of brackets.
pub const MAX_DEPTH: usize = 64;
/// The deepest nesting of operators, including those of the enclosing brackets.
pub const MAX_OPERATORS: usize = 256;
/// The longest name, in characters.
pub const MAX_NAME: usize = 128;
/// After how many errors the parser gives up.
pub(super) const MAX_ERRORS: usize = 100;

/// For authors of a first spec.
pub(super) const SMALLEST: &str = "the smallest network is `network Line { input x: [1]; output y = x -> dense(1); }`";
