//! The bytes of a file, decompressed if they are gzip.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::content_error::ContentError;
use crate::error::Error;
use crate::origin::Origin;
use crate::seems::seems;

/// The path; if nothing is there, the same with or without `.gz`, if that exists.
pub fn existing(path: &Path) -> PathBuf {
    if path.exists() {
        return path.to_owned();
    }
    let other = match path.extension() {
        Some(extension) if extension == "gz" => path.with_extension(""),
        _ => {
            let mut name = OsString::from(path);
            name.push(".gz");
            name.into()
        }
    };
    if other.exists() { other } else { path.to_owned() }
}

/// Opens a file to be read.
pub(crate) fn open(path: &Path) -> Result<File, Error> {
    if path.is_dir() {
        return Err(Error::Directory { path: path.to_owned() });
    }
    File::open(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// All bytes of a file or pipe, decompressed if they are gzip; may be empty. Errors call it `path`.
///
/// # Errors
///
/// If it cannot be read, or the gzip data is corrupt.
pub fn read_unpacked(path: &Path, mut from: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    if bytes.is_empty() {
        return Ok(bytes);
    }
    unpacked(&bytes[..]).map_err(|error| Error::Content { origin: Origin::File(path.to_owned()), error })
}

/// The same, where a file should not be empty.
pub(crate) fn unpacked(file: impl Read) -> Result<Vec<u8>, ContentError> {
    let mut file = BufReader::new(file);
    let mut start = Vec::with_capacity(2);
    read(&mut (&mut file).take(2), &mut start)?;
    let mut bytes = Vec::new();
    match &start[..] {
        [0x1f, 0x8b] => read(&mut MultiGzDecoder::new(start.chain(file)), &mut bytes)?,
        _ => read(&mut start.chain(file), &mut bytes)?,
    }
    if bytes.is_empty() { Err(ContentError::Empty) } else { Ok(bytes) }
}

/// Reads to the end.
pub(crate) fn read(from: &mut impl Read, bytes: &mut Vec<u8>) -> Result<(), ContentError> {
    let broken = |offset, error: io::Error| ContentError::Packed { offset, reason: error.to_string() };
    match from.read_to_end(bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(broken(bytes.len(), error)),
    }
}

/// The error for a file that does not begin as it should, with what it seems to be.
pub(crate) fn magic(wanted: &'static str, bytes: &[u8]) -> ContentError {
    let seems = match bytes {
        [b'P', b'K', ..] => Some("a zip archive; write `npz: \"…\";` for an NPZ file"),
        _ => seems(bytes),
    };
    let is_text = matches!(bytes, [b' '..=b'~', ..]);
    let seems = seems.or(is_text.then_some("a text; write `csv: \"…\";` for a table"));
    ContentError::Magic { wanted, found: bytes.iter().take(4).copied().collect(), seems }
}
