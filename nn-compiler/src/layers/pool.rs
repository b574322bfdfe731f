//! What pools share: their arguments and windows.

use super::sliding::{Over, Sliding};
use crate::diagnostic::code;
use crate::plan::Extent;
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentKind, ArgumentSpec};
use crate::vocabulary::Window;

/// `size, stride: size, padding: 0` of a pool over images, or over sequences.
const fn parameters(dimensions: usize) -> [ArgumentSpec; 3] {
    let extent = ArgumentKind::Extent { dimensions, least: 1 };
    [
        ArgumentSpec::extent("size", extent, "the size of the window"),
        ArgumentSpec::extent("stride", extent, "how far the window moves; by default its size").optional(),
        ArgumentSpec::extent(
            "padding",
            ArgumentKind::Padding { dimensions },
            "how far windows extend beyond the edges, or `same`",
        )
        .default_number(0.0),
    ]
}

/// The arguments of a pool over images.
pub const OF_IMAGES: &[ArgumentSpec] = &parameters(2);
/// The arguments of a pool over sequences.
pub const OF_SEQUENCES: &[ArgumentSpec] = &parameters(1);

/// The window of a pool over an input. Each window contains at least one number of the input.
pub fn window(pool: &Sliding, name: &str, input: &Shape) -> Result<Window, Box<ShapeError>> {
    let window = pool.on(name, input)?;
    if (0..2).all(|axis| window.padding[axis] < window.size[axis]) {
        return Ok(window);
    }
    let (padding, size) = (pool.over.shown(window.padding), pool.over.shown(window.size));
    Err(Box::new(ShapeError {
        code: code::PADDING_TOO_LARGE,
        message: format!(
            "`{name}` has a padding of {padding} around windows of {size}: some would contain only padding"
        ),
        caption: "the padding of a pool must be smaller than its window".to_owned(),
        insert: None,
        replace: None,
    }))
}

/// The arguments of a pool as they would be written.
pub fn arguments(pool: &Sliding) -> Vec<(&'static str, String)> {
    let [stride, padding, _] = pool.arguments();
    vec![("size", pool.over.shown(pool.size)), stride, padding]
}

/// The only window of a pool of everything, over images and sequences.
pub fn whole(name: &str, input: &Shape) -> Result<Window, Box<ShapeError>> {
    let (channels, input) = match &input.0[..] {
        [channels, length] => (*channels, [1, *length]),
        [channels, height, width] => (*channels, [*height, *width]),
        _ => {
            return Err(Box::new(ShapeError {
                code: code::NEEDS_IMAGE,
                message: format!("`{name}` needs an image or a sequence, but its input is {input}"),
                caption: format!("`{name}` takes [channels, height, width] or [channels, length]"),
                insert: None,
                replace: None,
            }));
        }
    };
    Ok(Window { channels, input, output: [1, 1], size: input, stride: input, padding: [0, 0], dilation: [1, 1] })
}

/// The output shape of a pool.
pub fn shape(pool: &Sliding, name: &str, input: &Shape) -> Result<Shape, Box<ShapeError>> {
    Ok(pool.over.shape(&window(pool, name, input)?, input.0[0]))
}

/// What a pool computes: one operation for each input of each window.
pub fn flops(window: &Window) -> u64 {
    (window.channels * window.positions() * window.taps()) as u64
}

/// How many numbers it returns for a row.
pub fn extent(window: &Window) -> Extent {
    Extent::Rows(window.channels * window.positions())
}

/// The word of the language for what slides.
pub fn name(pool: &Sliding, of_sequences: &'static str, of_images: &'static str) -> &'static str {
    match pool.over {
        Over::Sequence => of_sequences,
        Over::Image => of_images,
    }
}
