//! Numbers in any number of dimensions, as array files hold them; and where such a file is.

use std::fmt::{self, Display, Formatter};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::damage::Damage;
use crate::error::{Error, Place};
use crate::{idx, npy, npz, unpack};

/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayFile {
    /// The file; for a path that does not exist, the same with or without `.gz` is taken.
    pub path: PathBuf,
    /// What the file holds, where it was read already, such as from a pipe. Errors still call it `path`.
    pub content: Option<Vec<u8>>,
    /// What it is.
    pub format: ArrayFormat,
}

/// What an array is kept in. Each of them may be packed by gzip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrayFormat {
    /// The format of MNIST.
    Idx,
    /// An array of NumPy.
    Npy,
    /// An array of this name in an archive of NumPy.
    Npz(String),
}

/// Numbers in any number of dimensions.
#[derive(Debug)]
pub(crate) struct Array {
    /// The dimensions, slowest first.
    pub shape: Vec<usize>,
    /// The numbers in the order of [`shape`](Array::shape); all are finite.
    pub numbers: Vec<f32>,
    /// The numbers as they are in the file, where some that are large are rounded; else there are none.
    pub exact: Vec<f64>,
}

impl ArrayFile {
    /// What errors call it.
    pub fn place(&self) -> Place {
        let name = match &self.format {
            ArrayFormat::Idx | ArrayFormat::Npy => None,
            ArrayFormat::Npz(name) => Some(name.clone()),
        };
        Place::Array { path: self.path.clone(), name }
    }

    /// Reads it.
    pub(crate) fn read(&self) -> Result<Array, Error> {
        if let Some(content) = &self.content {
            return self.parse(&content[..]).map_err(|damage| self.damaged(&self.path, damage));
        }
        let path = unpack::existing(&self.path);
        self.parse(unpack::open(&path)?).map_err(|damage| self.damaged(&path, damage))
    }

    fn parse(&self, file: impl Read) -> Result<Array, Damage> {
        let bytes = unpack::unpacked(file)?;
        match &self.format {
            ArrayFormat::Idx => idx::parse(&bytes),
            ArrayFormat::Npy => npy::parse(&bytes),
            ArrayFormat::Npz(name) => npy::parse(&npz::member(&bytes, name)?),
        }
    }

    fn damaged(&self, path: &Path, damage: Damage) -> Error {
        let place = match self.place() {
            Place::Array { name, .. } => Place::Array { path: path.to_owned(), name },
            place => place,
        };
        Error::Damaged { place, damage }
    }
}

/// How many numbers there are, where they can be counted.
pub(crate) fn count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |product, dimension| product.checked_mul(*dimension))
}

/// What may become of the numbers of a file: each finite as an `f32`.
pub(crate) fn checked(shape: Vec<usize>, numbers: Vec<f32>) -> Result<Array, Damage> {
    if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
        let value = numbers[at];
        return Err(Damage::NotFinite { index: Index::of(at, &shape), value: format!("{value}") });
    }
    Ok(Array { shape, numbers, exact: Vec::new() })
}

/// Numbers of more digits than `f32` holds. They are kept where one that is far from zero is rounded, since others may
/// become the same.
pub(crate) fn rounded(shape: Vec<usize>, exact: Vec<f64>) -> Result<Array, Damage> {
    let array = checked(shape, exact.iter().map(|number| *number as f32).collect())?;
    let is_rounded = |number: &f64| number.abs() >= FAR && f64::from(*number as f32) != *number;
    let exact = if exact.iter().any(is_rounded) { exact } else { Vec::new() };
    Ok(Array { exact, ..array })
}

/// From here on the digits behind the seventh may mean something.
const FAR: f64 = 4096.0;

/// A place in an array: `[3, 0, 17]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index(pub Vec<usize>);

impl Index {
    /// The place of a number in the order of the shape.
    pub(crate) fn of(mut at: usize, shape: &[usize]) -> Index {
        let mut index: Vec<usize> = shape
            .iter()
            .rev()
            .map(|dimension| {
                let here = at % dimension.max(&1);
                at /= dimension.max(&1);
                here
            })
            .collect();
        index.reverse();
        Index(index)
    }
}

impl Display for Index {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
