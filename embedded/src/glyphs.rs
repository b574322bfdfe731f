//! What the host and the microcontroller both compute: predictions and steps, as bits.

use nn_runtime::memory::zeroed;
use nn_runtime::network::Network;
use nn_runtime::trainable::Trainable;
use nn_runtime::trainer::Trainer;

#[cfg(feature = "macros")]
nn_runtime::network!("../glyphs.nn");

#[cfg(not(feature = "macros"))]
include!(env!("NN_EXPANDED"));

/// The stack of a prediction and that of a step, at most.
pub const STACK: [usize; 2] = [Glyphs::STACK, Glyphs::STEP_STACK];

/// Rows of a batch.
const ROWS: usize = 8;

/// The network and its trainer, in memory that is reserved when the program is linked.
pub struct Session {
    trainer: Trainer<Glyphs>,
    images: [[[[f32; 8]; 8]; 1]; ROWS],
    glyphs: [usize; ROWS],
}

impl Session {
    /// Before `start`.
    pub const fn new() -> Self {
        Self { trainer: zeroed(), images: [[[[0.0; 8]; 8]; 1]; ROWS], glyphs: [0; ROWS] }
    }

    /// Initial weights and made-up images.
    pub fn start(&mut self) {
        Trainer::init_in(&mut self.trainer, 1);
        for (row, (image, glyph)) in self.images.iter_mut().zip(&mut self.glyphs).enumerate() {
            *glyph = row;
            for (place, pixel) in image.as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
                *pixel = ((place * (row + 3) + row) % 17) as f32 / 16.0;
            }
        }
    }

    /// The bits of a prediction.
    #[inline(never)]
    pub fn predict(&self) -> [u32; 10] {
        self.trainer.network().predict(&self.images[0]).map(f32::to_bits)
    }

    /// The bits of the loss before a step; those of NaN where there was an error.
    #[inline(never)]
    pub fn step(&mut self) -> u32 {
        self.trainer.step(&self.images, &self.glyphs).unwrap_or(f32::NAN).to_bits()
    }
}
