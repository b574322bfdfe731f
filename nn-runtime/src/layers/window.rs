//! What layers have in common that slide a window over images.
//!
//! Output `(i, j)` is made of the inputs `(S·i + D·k − P, S·j + D·l − P)` of each channel, for
//! `(k, l)` in the window: stride S, dilation D, padding P, each for itself in height and width.
//! What lies outside of the image is padding. A sequence `[channels, length]` is an image of
//! height 1.

/// The sizes of such a layer: a type without a value of its own. Pairs are height and width.
pub trait Window: Copy + Default + Send + Sync {
    /// The channels of the input.
    const CHANNELS: usize;
    /// The size of the input.
    const INPUT: [usize; 2];
    /// The size of the output.
    const OUTPUT: [usize; 2];
    /// The size of the window.
    const SIZE: [usize; 2];
    /// How far the window moves from one output to the next.
    const STRIDE: [usize; 2];
    /// How far it begins above and left of the image; below and right it may reach over the image,
    /// too.
    const PADDING: [usize; 2];
    /// How far apart the inputs in the window are.
    const DILATION: [usize; 2];
}
