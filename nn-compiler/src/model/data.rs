//! Where the examples are, and how the training rows are varied.

use std::fmt::{self, Display, Formatter};

use crate::span::Span;

/// The settings of `data { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Where the examples are.
    pub source: DataSource,
    /// The folder that files are in, relative to the spec; by default the folder of the spec.
    pub folder: Option<String>,
    /// Where missing files can be found.
    pub origin: Option<String>,
    /// The validation rows.
    pub validation: Validation,
    /// How training images are varied, in this order.
    pub augment: Vec<Augmentation>,
    /// The keyword `data`.
    pub span: Span,
}

/// Where the examples are.
#[derive(Clone, Debug, PartialEq)]
pub enum DataSource {
    /// A csv file.
    Csv {
        /// As written, relative to the spec.
        path: String,
        /// The place of the path.
        span: Span,
        /// The target columns.
        target: Vec<String>,
        /// Where they are named.
        target_span: Span,
        /// The column of the weights of the rows, and where it is named.
        weights: Option<(String, Span)>,
        /// The input columns in order; all but the targets and the weights if this is `None`.
        columns: Option<Vec<String>>,
        /// Where they are named.
        columns_span: Option<Span>,
        /// Text columns to be one-hot encoded.
        one_hot: Vec<String>,
        /// What is subtracted from the numbers of a column, input or target, before they are rounded.
        offsets: Vec<Offset>,
        /// Whether rows with missing cells are left out (otherwise they are errors).
        drop_missing: bool,
        /// The texts that mean a missing cell, apart from the empty one; the usual ones if this is `None`.
        missing_words: Option<Vec<String>>,
        /// The character between cells: ASCII, not a quote or a line break.
        delimiter: char,
    },
    /// Rows in the spec itself.
    Inline(Vec<Row>),
    /// Two arrays of numbers: inputs and targets.
    Arrays(Arrays),
    /// A folder with a folder of images for each class.
    Images(Images),
}

/// What is subtracted from the numbers of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Offset {
    /// The column.
    pub column: String,
    /// What is subtracted.
    pub number: f64,
    /// Its place.
    pub span: Span,
}

/// Two arrays of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrays {
    /// Their format.
    pub format: ArrayFormat,
    /// The files, or the names of the arrays.
    pub pair: Pair,
}

/// The format of arrays.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrayFormat {
    /// Two IDX files, the format of MNIST.
    Idx,
    /// Two NPY files of NumPy.
    Npy,
    /// One NPZ file of NumPy.
    Npz {
        /// As written.
        path: String,
    },
}

impl ArrayFormat {
    /// The word of the language.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Idx => "idx",
            Self::Npy => "npy",
            Self::Npz { .. } => "npz",
        }
    }
}

/// Inputs, and the targets that belong to them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The file or array of the inputs.
    pub inputs: String,
    /// The file or array of the targets.
    pub target: String,
}

/// A folder of images by class.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    /// As written.
    pub path: String,
    /// Whether images of another size are resized; otherwise they are errors.
    pub resize: bool,
    /// The setting.
    pub span: Span,
}

/// The validation rows.
#[derive(Clone, Debug, PartialEq)]
pub enum Validation {
    /// A share of the rows, 0 for none.
    Share(f64),
    /// Another csv file, or another folder of images.
    File(String),
    /// Two other arrays.
    Arrays(Pair),
}

impl Validation {
    /// Whether there are no rows to validate on.
    pub fn is_none(&self) -> bool {
        *self == Self::Share(0.0)
    }
}

/// One way to vary training images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Augmentation {
    /// How they are changed.
    pub kind: AugmentationKind,
    /// Its place.
    pub span: Span,
}

/// How images are changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AugmentationKind {
    /// Moved along both axes.
    Shift {
        /// By at most this many pixels.
        most: usize,
    },
    /// Left and right exchanged, every second time.
    Flip,
    /// Normally distributed noise is added to every number.
    Noise {
        /// Its standard deviation, in the units of the data.
        deviation: f64,
    },
}

impl Display for AugmentationKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shift { most } => write!(f, "shift({most})"),
            Self::Flip => f.write_str("flip"),
            Self::Noise { deviation } => write!(f, "noise({deviation:?})"),
        }
    }
}

/// One inline example.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The elements of all inputs, one input after the other.
    pub inputs: Vec<f64>,
    /// How many of them each list before `=>` has.
    pub input_lists: Vec<usize>,
    /// The elements of all targets, one after the other; a class index if the loss takes one.
    pub targets: Vec<f64>,
    /// How many of them each list or number after `=>` has.
    pub target_lists: Vec<usize>,
    /// The place of each number of [`Row::inputs`].
    pub input_spans: Vec<Span>,
    /// The place of each number of [`Row::targets`].
    pub target_spans: Vec<Span>,
    /// The place of each list or number of [`Row::target_lists`].
    pub target_list_spans: Vec<Span>,
    /// Its place.
    pub span: Span,
}
