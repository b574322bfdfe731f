//! What can be wrong with the contents of an array file or an image.

use std::fmt::{self, Display, Formatter};

use crate::index::Index;
use crate::wording::{List, counted, quoted};

/// Why a file does not contain the expected array or image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ContentError {
    /// It is empty.
    Empty,
    /// It does not begin like its format.
    Magic {
        /// The format that it should have.
        wanted: &'static str,
        /// Its first bytes, at most 4.
        found: Vec<u8>,
        /// What it seems to be instead.
        seems: Option<&'static str>,
    },
    /// An IDX file names a type of numbers that does not exist.
    IdxType {
        /// The byte at offset 2.
        code: u8,
    },
    /// An NPY file whose header cannot be read.
    NpyHeader {
        /// Why.
        reason: String,
    },
    /// Numbers of a type that is not read.
    NumberType {
        /// As NumPy writes it.
        found: String,
    },
    /// It is one number rather than rows.
    NoRows,
    /// More numbers than can be counted.
    TooLarge {
        /// The dimensions.
        shape: Vec<u64>,
    },
    /// It ends within its header.
    HeaderCut {
        /// How many bytes there are.
        bytes: usize,
    },
    /// It has too few bytes, or too many, for its header.
    Length {
        /// The dimensions that the header promises.
        shape: Vec<usize>,
        /// How many bytes those need, header included.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Compressed data cannot be unpacked.
    Packed {
        /// How many bytes were unpacked before.
        offset: usize,
        /// Why.
        reason: String,
    },
    /// A number is infinite or NaN as an `f32`.
    NotFinite {
        /// Where.
        index: Index,
        /// As it is printed.
        value: String,
    },
    /// An archive does not hold the array.
    NoArray {
        /// What was looked for.
        name: String,
        /// What it holds.
        names: Vec<String>,
    },
    /// An image of another size.
    ImageSize {
        /// Width and height.
        found: [u32; 2],
        /// Width and height that the network takes.
        wanted: [u32; 2],
    },
    /// An image that cannot be read.
    Image {
        /// Why.
        reason: String,
    },
}

/// The advice for a file that was not downloaded completely.
const AGAIN: &str = "it is truncated or corrupt: download it again";

impl Display for ContentError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::Magic { wanted, found, seems } => {
                write!(f, "this is not an {wanted} file: it begins with the bytes {}", Bytes(found))?;
                seems.map_or(Ok(()), |seems| write!(f, "; it is {seems}"))
            }
            Self::IdxType { code } => write!(
                f,
                "the byte at offset 2, {code:02x}, is not a type of numbers: IDX has 08 (u8), 09 (i8), 0b (i16), 0c (i32), \
                 0d (f32) and 0e (f64)"
            ),
            Self::NpyHeader { reason } => write!(f, "the header cannot be read: {reason}"),
            Self::NumberType { found } => write!(
                f,
                "numbers of the type {} are not read; save them as another, such as `array.astype(numpy.float32)`",
                quoted(found)
            ),
            Self::NoRows => f.write_str("it holds a single number, not rows"),
            Self::TooLarge { shape } => write!(f, "an array of {shape:?} numbers is too large"),
            Self::HeaderCut { bytes } => {
                write!(f, "the file ends within its header, after {}; {AGAIN}", counted(*bytes, "byte"))
            }
            Self::Length { shape, expected, found } if found < expected => {
                write!(f, "the header promises {shape:?} numbers, which end at byte {expected}, ")?;
                write!(f, "but the file ends at byte {found}; {AGAIN}")
            }
            Self::Length { shape, expected, found } => {
                write!(f, "the header promises {shape:?} numbers, which end at byte {expected}, ")?;
                write!(f, "but the file continues to byte {found}; the header does not fit the data")
            }
            Self::Packed { offset, reason } => {
                write!(f, "unpacking fails at byte {offset} of the contents ({reason}); {AGAIN}")
            }
            Self::NotFinite { index, value } => {
                write!(f, "the number at {index} is {value} in 32 bits; remove such rows, or replace the number")
            }
            Self::NoArray { name, names } if names.is_empty() => {
                write!(f, "there is no array {}; the file has no arrays", quoted(name))
            }
            Self::NoArray { name, names } => {
                write!(f, "there is no array {}; the file holds {}", quoted(name), List(names))
            }
            Self::ImageSize { found: [width, height], wanted: [wide, high] } => write!(
                f,
                "the image is {width}×{height} (width × height), but the network takes {wide}×{high}; \
                 write `resize: true;` to make all images fit"
            ),
            Self::Image { reason } => write!(f, "the image cannot be read: {reason}"),
        }
    }
}

/// `4e 55 4d 50`
struct Bytes<'a>(&'a [u8]);

impl Display for Bytes<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bytes: Vec<String> = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        f.write_str(&bytes.join(" "))
    }
}
