//! Safetensors files, written to memory or to a file.
//!
//! Equal networks give equal bytes: metadata are sorted by key, and tensors have the order of the
//! network. (The writer of the crate `safetensors` orders metadata by a randomly seeded hash.)

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
#[cfg(feature = "std")]
use std::{borrow::ToOwned, io::Write as _, path::Path};

#[cfg(feature = "std")]
use crate::error::Error;
#[cfg(feature = "std")]
use crate::replace::replace;

/// A tensor to be written.
pub(crate) struct Entry<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// A safetensors file in memory.
pub(crate) fn to_bytes(metadata: &BTreeMap<String, String>, entries: &[Entry<'_>]) -> Vec<u8> {
    let header = header(metadata, entries);
    let data: usize = entries.iter().map(|entry| size_of_val(entry.values)).sum();
    let mut bytes = Vec::with_capacity(size_of::<u64>() + header.len() + data);
    bytes.extend_from_slice(&(header.len() as u64).to_le_bytes());
    bytes.extend_from_slice(header.as_bytes());
    entries.iter().flat_map(|entry| entry.values).for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
    bytes
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
