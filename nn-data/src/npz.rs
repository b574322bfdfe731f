//! NPZ files of NumPy: zip archives with an NPY file for each array.

use std::io::Cursor;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::content_error::ContentError;
use crate::unpack;

/// The bytes of the array of this name in an archive.
pub(crate) fn member(archive: &[u8], name: &str) -> Result<Vec<u8>, ContentError> {
    if !archive.starts_with(b"PK") {
        return Err(unpack::magic("NPZ", archive));
    }
    let packed = |error: ZipError| ContentError::Packed { offset: 0, reason: error.to_string() };
    let mut archive = ZipArchive::new(Cursor::new(archive)).map_err(packed)?;
    let names = archive.file_names().filter_map(Result::ok);
    let names: Vec<String> = names.map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned()).collect();
    let mut bytes = Vec::new();
    match archive.by_name(&format!("{name}.npy")) {
        Ok(mut array) => unpack::read(&mut array, &mut bytes)?,
        Err(ZipError::FileNotFound) => return Err(ContentError::NoArray { name: name.to_owned(), names }),
        Err(error) => return Err(packed(error)),
    }
    Ok(bytes)
}
