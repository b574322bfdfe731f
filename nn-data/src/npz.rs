//! NPZ files of NumPy: zip archives with an NPY file for each array.

use std::io::Cursor;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::content_error::ContentError;
use crate::{npy, unpack};

/// An array of an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedArray {
    /// Its name in the archive, without `.npy`.
    pub name: String,
    /// Its dimensions, slowest first.
    pub shape: Vec<usize>,
    /// Its numbers in this order; all are finite.
    pub numbers: Vec<f32>,
}

/// Every array of an archive, sorted by name.
///
/// # Errors
///
/// If the bytes are not an archive of arrays of numbers.
pub fn npz_arrays(archive: &[u8]) -> Result<Vec<NamedArray>, ContentError> {
    let mut names = names(&mut open(archive)?);
    names.sort();
    let array = |name: String| {
        let array = npy::parse(&member(archive, &name)?)?;
        Ok(NamedArray { name, shape: array.shape, numbers: array.numbers })
    };
    names.into_iter().map(array).collect()
}

/// The bytes of the array of this name in an archive.
pub(crate) fn member(archive: &[u8], name: &str) -> Result<Vec<u8>, ContentError> {
    let mut archive = open(archive)?;
    let names = names(&mut archive);
    let mut bytes = Vec::new();
    match archive.by_name(&format!("{name}.npy")) {
        Ok(mut array) => unpack::read(&mut array, &mut bytes)?,
        Err(ZipError::FileNotFound) => return Err(ContentError::NoArray { name: name.to_owned(), names }),
        Err(error) => return Err(packed(error)),
    }
    Ok(bytes)
}

fn open(archive: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, ContentError> {
    if !archive.starts_with(b"PK") {
        return Err(unpack::magic("NPZ", archive));
    }
    ZipArchive::new(Cursor::new(archive)).map_err(packed)
}

fn packed(error: ZipError) -> ContentError {
    ContentError::Packed { offset: 0, reason: error.to_string() }
}

/// The names of its arrays.
fn names(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Vec<String> {
    let names = archive.file_names().filter_map(Result::ok);
    names.map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned()).collect()
}
