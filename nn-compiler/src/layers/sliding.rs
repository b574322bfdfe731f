//! What layers with a sliding window have in common: the arguments and the sizes.
//!
//! With stride S, dilation D, padding P and a window of K, an input of n gives
//! ⌊(n + 2·P − D·(K − 1) − 1)/S⌋ + 1 outputs. With `same`, it gives ⌈n/S⌉, and the padding for that
//! is split in two, the larger half at the end.

use crate::diagnostic::code;
use crate::shape::{Shape, ShapeError};
use crate::signature::{ArgumentKind, ArgumentSpec, Bound};
use crate::vocabulary::Window;

/// How a window slides, as written. Pairs are height and width; a sequence has height 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// Whether it slides over images or over sequences.
    pub over: Over,
    /// The size of the window.
    pub size: [usize; 2],
    /// How far it moves from one output to the next.
    pub stride: [usize; 2],
    /// The padding around the input.
    pub padding: Padding,
    /// The distance between the inputs in a window.
    pub dilation: [usize; 2],
}

/// What a window slides over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// `[channels, length]`
    Sequence,
    /// `[channels, height, width]`
    Image,
}

/// The padding around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As much as is needed for one output per stride of the input.
    Same,
    /// This much on both sides.
    Of([usize; 2]),
}

/// `stride`
pub const STRIDE: ArgumentSpec =
    ArgumentSpec::extent("stride", ArgumentKind::Extent { dimensions: 2, least: 1 }, "how far the window moves")
        .default_number(1.0);
/// `padding`
pub const PADDING: ArgumentSpec =
    ArgumentSpec::extent("padding", ArgumentKind::Padding { dimensions: 2 }, "zeros around the image, or `same`")
        .default_number(0.0);
/// `dilation`
pub const DILATION: ArgumentSpec = ArgumentSpec::extent(
    "dilation",
    ArgumentKind::Extent { dimensions: 2, least: 1 },
    "the distance between the inputs in a window",
)
.default_number(1.0);

impl Sliding {
    /// From the arguments `size`, `stride` (the size where it is absent), `padding` and `dilation`.
    pub fn bound(over: Over, size: &str, bound: &Bound) -> Self {
        let size = over.pair(bound.extent(size).unwrap_or([1, 1]), 1);
        let or = |name, other| bound.extent(name).map_or(other, |extent| over.pair(extent, 1));
        let padding = match bound.extent("padding") {
            Some(extent) => Padding::Of(over.pair(extent, 0)),
            None if bound.word("padding") == "same" => Padding::Same,
            None => Padding::Of([0, 0]),
        };
        Self { over, size, stride: or("stride", size), padding, dilation: or("dilation", [1, 1]) }
    }

    /// The sizes over an input; the layer's name is for the message.
    pub fn on(&self, layer: &str, input: &Shape) -> Result<Window, Box<ShapeError>> {
        let (channels, extent) = self.over.dimensions(layer, input)?;
        let mut window = Window {
            channels,
            input: extent,
            output: [0, 0],
            size: self.size,
            stride: self.stride,
            padding: [0, 0],
            dilation: self.dilation,
        };
        for (axis, length) in extent.into_iter().enumerate() {
            let (output, padding) = self.along(axis, length).ok_or_else(|| self.too_large(layer, input))?;
            (window.output[axis], window.padding[axis]) = (output, padding);
        }
        Ok(window)
    }

    /// The outputs along an axis, and the padding before the input; `None` if the window does not fit.
    fn along(&self, axis: usize, length: usize) -> Option<(usize, usize)> {
        let (size, stride, dilation) = (self.size[axis], self.stride[axis], self.dilation[axis]);
        let reach = dilation.checked_mul(size - 1)?.checked_add(1)?;
        match self.padding {
            Padding::Same => {
                let output = length.div_ceil(stride);
                let padding = ((output - 1) * stride).checked_add(reach)?.saturating_sub(length);
                Some((output, padding / 2))
            }
            Padding::Of(padding) => {
                let padded = padding[axis].checked_mul(2)?.checked_add(length)?;
                Some((padded.checked_sub(reach)? / stride + 1, padding[axis]))
            }
        }
    }

    fn too_large(&self, layer: &str, input: &Shape) -> Box<ShapeError> {
        let [_, size @ ..] = &input.0[..] else { unreachable!("a shape with channels") };
        let (window, image) = (self.over.shown(self.reach()), Shape(size.to_vec()));
        let dilated = if self.dilation == [1, 1] { "" } else { ", dilation included" };
        Box::new(ShapeError {
            code: code::WINDOW_TOO_LARGE,
            message: format!(
                "the window of `{layer}` is {window}{dilated}, but its input is only {image} in each of its {} channels",
                input.0[0]
            ),
            caption: "larger than its input: make the window smaller, or add `padding`".to_owned(),
            insert: None,
            replace: None,
        })
    }

    /// The extent of the window, dilation included.
    fn reach(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.dilation[axis].saturating_mul(self.size[axis] - 1).saturating_add(1))
    }

    /// The arguments `stride`, `padding`, `dilation` as they would be written.
    pub fn arguments(&self) -> [(&'static str, String); 3] {
        let padding = match self.padding {
            Padding::Same => "same".to_owned(),
            Padding::Of(padding) => self.over.shown(padding),
        };
        [("stride", self.over.shown(self.stride)), ("padding", padding), ("dilation", self.over.shown(self.dilation))]
    }
}

impl Over {
    /// `length` as written for a sequence, whose height takes `other`.
    fn pair(self, extent: [usize; 2], other: usize) -> [usize; 2] {
        match self {
            Self::Sequence => [other, extent[1]],
            Self::Image => extent,
        }
    }

    /// A pair as it would be written.
    pub fn shown(self, [height, width]: [usize; 2]) -> String {
        match self {
            Self::Image if height != width => format!("[{height}, {width}]"),
            Self::Sequence | Self::Image => width.to_string(),
        }
    }

    /// The channels, and height and width; the layer's name is for the message.
    pub fn dimensions(self, layer: &str, input: &Shape) -> Result<(usize, [usize; 2]), Box<ShapeError>> {
        match (self, &input.0[..]) {
            (Self::Sequence, [channels, length]) => Ok((*channels, [1, *length])),
            (Self::Image, [channels, height, width]) => Ok((*channels, [*height, *width])),
            _ => Err(self.needs(layer, input)),
        }
    }

    /// The shape of this many channels of a window's outputs.
    pub fn shape(self, window: &Window, channels: usize) -> Shape {
        let [height, width] = window.output;
        Shape(match self {
            Self::Sequence => vec![channels, width],
            Self::Image => vec![channels, height, width],
        })
    }

    fn needs(self, layer: &str, input: &Shape) -> Box<ShapeError> {
        let (wanted, form) = match self {
            Self::Sequence => ("a sequence", "[channels, length]"),
            Self::Image => ("an image", "[channels, height, width]"),
        };
        let reshaped = match (self, &input.0[..]) {
            (Self::Sequence, [length]) => Some(vec![1, *length]),
            (Self::Image, [height, width]) => Some(vec![1, *height, *width]),
            _ => None,
        };
        let insert = reshaped.map(|dimensions| {
            let shape = Shape(dimensions);
            (format!("reshape({shape}) -> "), format!("if it has one channel, reshape it to {wanted} of shape {shape}"))
        });
        Box::new(ShapeError {
            code: code::NEEDS_IMAGE,
            message: format!("`{layer}` needs {wanted}, but its input is {input}"),
            caption: format!("`{layer}` takes {form}"),
            insert,
            replace: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(length: usize, size: usize, stride: usize, padding: Padding, dilation: usize) -> Option<(usize, usize)> {
        let sliding =
            Sliding { over: Over::Sequence, size: [1, size], stride: [1, stride], padding, dilation: [1, dilation] };
        sliding.along(1, length)
    }

    #[test]
    fn outputs_and_padding_follow_the_formula() {
        let of = |padding| Padding::Of([0, padding]);
        assert_eq!(on(28, 5, 1, of(2), 1), Some((28, 2)));
        assert_eq!(on(28, 2, 2, of(0), 1), Some((14, 0)));
        assert_eq!(on(7, 2, 2, of(0), 1), Some((3, 0)), "the remainder is dropped");
        assert_eq!(on(9, 3, 2, of(1), 2), Some((4, 1)));
        assert_eq!(on(4, 3, 1, of(0), 2), None, "a window of 5 on 4");
        assert_eq!(on(4, 3, 1, Padding::Same, 2), Some((4, 2)));
        assert_eq!(on(5, 2, 1, Padding::Same, 1), Some((5, 0)), "the larger half at the end");
        assert_eq!(on(5, 3, 2, Padding::Same, 1), Some((3, 1)));
        assert_eq!(on(5, 1, 3, Padding::Same, 1), Some((2, 0)));
    }
}
