//! The dimensions of values, and why a layer may not accept them.

use std::fmt;

use crate::diagnostic::Code;
use crate::ids::ValueId;

/// The dimensions of a value, without the batch. Images are `[channels, height, width]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(pub Vec<usize>);

/// No value and no tensor of a network holds more numbers than this (4 GiB of f32).
pub const MOST_ELEMENTS: usize = 1 << 30;

impl Shape {
    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.0.iter().product()
    }

    /// Whether it holds none; no shape of a valid model does.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many features it has: its numbers if it is flat, otherwise its channels, the first dimension.
    pub fn features(&self) -> usize {
        self.0.first().copied().unwrap_or(1)
    }

    /// The only dimension of a flat shape.
    pub fn flat(&self) -> Option<usize> {
        match self.0[..] {
            [width] => Some(width),
            _ => None,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

/// Why a layer does not fit its input.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeError {
    /// The code of the diagnostic.
    pub code: Code,
    /// What does not fit.
    pub message: String,
    /// The text under the caret.
    pub caption: String,
    /// What to insert before the layer, and why.
    pub insert: Option<(String, String)>,
    /// What to write instead of the layer, and why.
    pub replace: Option<(String, String)>,
}

impl ShapeError {
    /// A layer that takes `[n]` on something else.
    pub fn needs_flat(code: Code, layer: &str, input: &Shape) -> Box<Self> {
        let (a, the) = if input.0.len() == 3 { ("an image", "the image") } else { ("a grid", "the grid") };
        Box::new(Self {
            code,
            message: format!("`{layer}` needs a flat input, but its input is {a} {input}"),
            caption: format!("`{layer}` takes [n]"),
            insert: Some(("flatten -> ".to_owned(), format!("flatten {the} to [{}] first", input.len()))),
            replace: None,
        })
    }
}

/// The shape of every value.
#[derive(Clone, Debug, PartialEq)]
pub struct Shapes(Vec<Shape>);

impl Shapes {
    /// The shapes of all values, in order.
    pub fn new(shapes: Vec<Shape>) -> Self {
        Self(shapes)
    }

    /// The shape of a value.
    pub fn of(&self, id: ValueId) -> &Shape {
        &self.0[id.0]
    }
}
