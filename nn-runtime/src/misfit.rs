//! Why weights are refused: corrupt data, another network, a number that is not finite.

#[cfg(feature = "alloc")]
use alloc::{string::String, vec::Vec};
use core::fmt;
#[cfg(feature = "std")]
use std::path::PathBuf;

use crate::tensor::Tensor;

/// Where weights come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A slice of bytes.
    Bytes,
    /// A file.
    #[cfg(feature = "std")]
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => f.write_str("the byte slice"),
            #[cfg(feature = "std")]
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Why bytes are not a safetensors file. Positions are counted from the first byte of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file ends within the length of the header.
    #[error("it has {length} bytes, fewer than the 8 of the header's length")]
    TooShort {
        /// The length of the file.
        length: usize,
    },
    /// The length of the header does not fit the file.
    #[error("its header should have {length} bytes, but the file ends before that, or they are more than 100 MB")]
    HeaderLength {
        /// What the file says.
        length: u64,
    },
    /// The header is not text.
    #[error("its header is not UTF-8 at byte {at}")]
    NotText {
        /// The first bad byte.
        at: usize,
    },
    /// The header is not the JSON of a safetensors file.
    #[error("expected {expected} at byte {at}")]
    Syntax {
        /// What should be there.
        expected: &'static str,
        /// Where.
        at: usize,
    },
    /// The sizes of a tensor contradict each other.
    #[error("`shape`, `dtype` and `data_offsets` of the tensor at byte {at} do not fit together")]
    Size {
        /// Where the tensor is described.
        at: usize,
    },
    /// A tensor is outside the file.
    #[error("the data of the tensor at byte {at} is not in the file")]
    Outside {
        /// Where the tensor is described.
        at: usize,
    },
    /// Two tensors share bytes.
    #[error("the data of the tensor at byte {at} overlaps the data of another tensor")]
    Overlap {
        /// Where one of them is described.
        at: usize,
    },
    /// There are more tensors out of order than are compared with each other.
    #[error("it has {tensors} tensors, and their data is not in the order of the header")]
    Unordered {
        /// How many tensors there are.
        tensors: usize,
    },
    /// Bytes are missing, or belong to no tensor.
    #[error("its tensors have {described} bytes, but {found} bytes follow the header")]
    Length {
        /// The bytes of all tensors.
        described: usize,
        /// The bytes after the header.
        found: usize,
    },
    /// A tensor is described twice.
    #[error("the tensor at byte {at} has the name of another tensor")]
    Duplicate {
        /// Where the second one is described.
        at: usize,
    },
}

/// One thing in which weights differ from the network that they are loaded into.
#[cfg(feature = "alloc")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// A tensor that the network has and the file has not.
    #[error("missing: `{name}` {shape:?}")]
    Missing {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor that the file has and the network has not.
    #[error("unexpected: `{name}` {shape:?}")]
    Unexpected {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A tensor of another shape.
    #[error("shape of `{name}`: {found:?} in the file, {expected:?} in the network")]
    Shape {
        /// The tensor.
        name: String,
        /// The network's shape.
        expected: Vec<usize>,
        /// The file's shape.
        found: Vec<usize>,
    },
    /// A tensor of another number type than F32.
    #[error("number type of `{name}`: {found} in the file, F32 in the network")]
    NumberType {
        /// The tensor.
        name: String,
        /// The file's number type.
        found: String,
    },
    /// An entry of the metadata, such as the model's hash, with another value.
    #[error("{key}: `{found}` in the file, `{expected}` in the network")]
    Metadata {
        /// The entry.
        key: String,
        /// The network's value.
        expected: String,
        /// The file's value.
        found: String,
    },
    /// An entry of the metadata that a checkpoint needs, missing or not a number.
    #[error("{key} is missing, or not a number: this is not a checkpoint")]
    NotACheckpoint {
        /// The entry.
        key: String,
    },
}

/// The first [mismatch](crate::error::Error::Mismatch), for programs without an allocator. What the
/// file says instead is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstMismatch {
    /// A tensor that the network has and the file has not.
    Missing(&'static Tensor),
    /// A tensor of another shape.
    Shape(&'static Tensor),
    /// A tensor of another number type than F32.
    NumberType(&'static Tensor),
    /// A tensor that the file has and the network has not.
    Unexpected {
        /// Where the file describes it, in bytes.
        at: usize,
    },
    /// An entry of the metadata, such as the model's hash, with another value.
    Metadata {
        /// The entry.
        key: &'static str,
        /// The network's value.
        expected: &'static str,
    },
}

impl fmt::Display for FirstMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(Tensor { name, shape, .. }) => write!(f, "missing: `{name}` {shape:?}"),
            Self::Shape(Tensor { name, shape, .. }) => write!(f, "shape of `{name}`: not {shape:?}, as in the network"),
            Self::NumberType(Tensor { name, .. }) => write!(f, "number type of `{name}`: not F32, as in the network"),
            Self::Unexpected { at } => write!(f, "unexpected: the tensor at byte {at}"),
            Self::Metadata { key, expected } => write!(f, "{key}: not `{expected}`, as in the network"),
        }
    }
}

/// What a file must fit: a network's name, hash and tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name in the spec.
    pub name: &'static str,
    /// A hash of what decides names, shapes and meaning of the parameters.
    pub hash: &'static str,
    /// Parameters and statistics.
    pub tensors: &'static [Tensor],
}

impl Model {
    /// The tensor of this name. It is looked for at `place` first.
    pub(crate) fn tensor(&self, name: &str, place: usize) -> Option<&'static Tensor> {
        let at_place = self.tensors.get(place).filter(|tensor| tensor.name == name);
        at_place.or_else(|| self.tensors.iter().find(|tensor| tensor.name == name))
    }
}

/// Two networks that are not the same model. Prints a line for each difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherModel {
    /// The network that was to be changed.
    pub to: Model,
    /// The network that the values were to come from.
    pub from: Model,
}

impl fmt::Display for OtherModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { to, from } = self;
        let mut are_equal = true;
        for (place, tensor) in to.tensors.iter().enumerate() {
            let (name, shape) = (tensor.name, tensor.shape);
            match from.tensor(name, place) {
                None => write!(f, "\n  only in {}: `{name}` {shape:?}", to.name)?,
                Some(other) if other.shape != shape => {
                    write!(f, "\n  shape of `{name}`: {:?} in {}, {shape:?} in {}", other.shape, from.name, to.name)?;
                }
                Some(_) => continue,
            }
            are_equal = false;
        }
        for (place, Tensor { name, shape, .. }) in from.tensors.iter().enumerate() {
            if to.tensor(name, place).is_none() {
                write!(f, "\n  only in {}: `{name}` {shape:?}", from.name)?;
                are_equal = false;
            }
        }
        if are_equal {
            f.write_str("\n  names and shapes of their tensors are equal, but not what is computed with them")?;
        }
        Ok(())
    }
}
