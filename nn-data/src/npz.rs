//! NPZ files of NumPy: zip archives with an NPY file for each array.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::damage::Damage;
use crate::unpack;

/// The bytes of the array of this name.
pub(crate) fn read(mut file: File, name: &str) -> Result<Vec<u8>, Damage> {
    let unread = |error: io::Error| Damage::Packed { offset: 0, reason: error.to_string() };
    let mut start = Vec::new();
    unpack::read(&mut (&mut file).take(4), &mut start)?;
    file.rewind().map_err(unread)?;
    match &start[..] {
        [] => return Err(Damage::Empty),
        [b'P', b'K', ..] => {}
        bytes => return Err(unpack::magic("NPZ", bytes)),
    }
    let packed = |error: ZipError| Damage::Packed { offset: 0, reason: error.to_string() };
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(packed)?;
    let names = archive.file_names().filter_map(Result::ok);
    let names: Vec<String> = names.map(|name| name.strip_suffix(".npy").unwrap_or(&name).to_owned()).collect();
    let mut bytes = Vec::new();
    match archive.by_name(&format!("{name}.npy")) {
        Ok(mut array) => unpack::read(&mut array, &mut bytes)?,
        Err(ZipError::FileNotFound) => return Err(Damage::NoArray { name: name.to_owned(), names }),
        Err(error) => return Err(packed(error)),
    }
    Ok(bytes)
}
