//! Safetensors files, written to memory or to a file.
//!
//! Equal networks give equal bytes: metadata are sorted by key, and tensors have the order of the
//! network. (The writer of the crate `safetensors` orders metadata by a randomly seeded hash.)

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
#[cfg(feature = "std")]
use std::{io::Write as _, path::Path};

use super::LAYOUT;
use crate::error::Error;
use crate::network::Network;
#[cfg(feature = "std")]
use crate::replace::replace;

/// A tensor to be written.
pub(crate) struct Entry<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// A network as a safetensors file in memory.
pub(crate) fn to_bytes<N: Network>(network: &N, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, Error> {
    check_finite(network)?;
    let entries = entries(network);
    let header = header(&own_metadata::<N>(metadata), &entries);
    let values = || entries.iter().flat_map(|entry| entry.values);
    let mut bytes = Vec::with_capacity(size_of::<u64>() + header.len() + values().count() * size_of::<f32>());
    bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    values().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    Ok(bytes)
}

/// Writes a network to a safetensors file.
#[cfg(feature = "std")]
pub(crate) fn save<N: Network>(network: &N, path: &Path, metadata: &BTreeMap<String, String>) -> Result<(), Error> {
    check_finite_to_save(network, path)?;
    write(path, &own_metadata::<N>(metadata), &entries(network))
}

/// Writes a safetensors file.
#[cfg(feature = "std")]
pub(crate) fn write(path: &Path, metadata: &BTreeMap<String, String>, entries: &[Entry<'_>]) -> Result<(), Error> {
    replace(path, |file| {
        let header = header(metadata, entries);
        file.write_all(&(header.len() as u64).to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        entries.iter().flat_map(|entry| entry.values).try_for_each(|value| file.write_all(&value.to_le_bytes()))
    })
    .map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// An error where a network holds a number that is not finite.
fn check_finite<N: Network>(network: &N) -> Result<(), Error> {
    match network.non_finite() {
        Some(number) => Err(Error::NonFiniteNetwork { number }),
        None => Ok(()),
    }
}

/// [`check_finite`] of a network that is to be written to a file.
#[cfg(feature = "std")]
pub(crate) fn check_finite_to_save<N: Network>(network: &N, path: &Path) -> Result<(), Error> {
    match network.non_finite() {
        Some(number) => Err(Error::SavesNonFinite { path: path.to_owned(), number }),
        None => Ok(()),
    }
}

/// The spec's metadata, the caller's and the crate's; the later replaces the earlier.
pub(crate) fn own_metadata<N: Network>(callers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
    let mut metadata: BTreeMap<String, String> = N::METADATA.iter().map(owned).collect();
    metadata.extend(callers.clone());
    let own =
        [("nn.name", N::NAME), ("nn.hash", N::HASH), ("nn.layout", LAYOUT), ("nn.version", env!("CARGO_PKG_VERSION"))];
    metadata.extend(own.iter().map(owned));
    metadata
}

/// A network's tensors with their values.
pub(crate) fn entries<N: Network>(network: &N) -> Vec<Entry<'_>> {
    network
        .parameters()
        .chain(network.statistics())
        .map(|(name, shape, values)| Entry { name: name.to_owned(), shape: shape.to_vec(), values })
        .collect()
}

/// The JSON header, its length a multiple of 8 as safetensors wants it.
fn header(metadata: &BTreeMap<String, String>, entries: &[Entry<'_>]) -> String {
    let mut header = String::from("{\"__metadata__\":{");
    for (index, (key, value)) in metadata.iter().enumerate() {
        if index > 0 {
            header.push(',');
        }
        push_json(&mut header, key);
        header.push(':');
        push_json(&mut header, value);
    }
    header.push('}');
    let mut start = 0;
    for Entry { name, shape, values } in entries {
        let end = start + size_of_val(*values);
        header.push(',');
        push_json(&mut header, name);
        let _ = write!(header, ":{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}");
        start = end;
    }
    header.push('}');
    let padding = header.len().next_multiple_of(8) - header.len();
    header.extend(core::iter::repeat_n(' ', padding));
    header
}

/// Adds a JSON string.
fn push_json(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
}
