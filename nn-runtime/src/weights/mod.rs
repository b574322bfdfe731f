//! Weights as safetensors: one tensor a parameter or statistic, in a file or in memory.
//!
//! The metadata are `nn.name`, `nn.hash` (of the model), `nn.layout`, `nn.version` (of this crate),
//! what the spec says about its examples, and what the caller gives. Files made elsewhere may lack
//! them; those that are there must fit.
//!
//! These files know tensors by their names and shapes; [`Network`](crate::network::Network) saves and
//! loads itself through them. A file is replaced as a whole (`replace.rs`).
//!
//! The header of a file is read by code of our own (`header.rs`) instead of by the crate
//! `safetensors`: it works without an allocator, and a program has neither `serde` nor
//! `serde_json` for it. Tests compare the two.

pub(crate) mod copy;
pub(crate) mod header;
mod json;
pub(crate) mod read;
#[cfg(all(test, feature = "std"))]
mod tests;
#[cfg(feature = "alloc")]
pub(crate) mod write;

#[cfg(feature = "alloc")]
use alloc::{collections::BTreeMap, string::String};
#[cfg(feature = "std")]
use std::{fs, path::Path, vec::Vec};

#[cfg(feature = "alloc")]
use crate::error::Error;
#[cfg(feature = "alloc")]
use crate::misfit::Place;

/// The metadata of a file, such as what a caller of `save_with` gave.
///
/// # Errors
///
/// The file cannot be read or is not a safetensors file.
#[cfg(feature = "std")]
pub fn metadata(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, Error> {
    let path = path.as_ref();
    let bytes = read_bytes(path)?;
    Ok(read::Stored::parse(&Place::File(path.to_owned()), &bytes)?.metadata())
}

/// The metadata of a safetensors file in memory, such as what a caller of `to_bytes_with` gave.
///
/// # Errors
///
/// The bytes are not a safetensors file.
#[cfg(feature = "alloc")]
pub fn metadata_of(bytes: &[u8]) -> Result<BTreeMap<String, String>, Error> {
    Ok(read::Stored::parse(&Place::Bytes, bytes)?.metadata())
}

/// A file's bytes.
#[cfg(feature = "std")]
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}
