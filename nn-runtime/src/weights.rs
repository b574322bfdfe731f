//! Weight files: safetensors, one tensor a parameter or statistic.
//!
//! The metadata of a file are `nn.name`, `nn.hash` (of the model), `nn.layout`, `nn.version` (of
//! this crate), what the spec says about its examples, and what the caller gives. A file made
//! elsewhere may lack them; those that are there must fit.
//!
//! This file knows tensors by their names and shapes; [`Network`](crate::network::Network) saves
//! and loads itself through it.
//!
//! A file is replaced as a whole (`replace.rs`). Equal networks give equal files: the header is
//! written here, in order, since safetensors' own writer orders metadata by a randomly seeded hash.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;

use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensors};

use crate::error::{Error, Mismatch};
use crate::replace::replace;
use crate::tensor::Index;

/// What `nn.layout` says.
pub(crate) const LAYOUT: &str = "dense weights are [inputs, units]";

/// A tensor to be written.
pub(crate) struct Entry<'a> {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [f32],
}

/// The metadata of a file, such as what a caller of `save_with` gave.
pub fn metadata(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, Error> {
    let path = path.as_ref();
    let bytes = read_bytes(path)?;
    Ok(Stored::parse(path, &bytes)?.metadata())
}

/// Writes a safetensors file.
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
    let pairs: Vec<String> = metadata.iter().map(|(key, value)| format!("{}:{}", json(key), json(value))).collect();
    let mut header = format!("{{\"__metadata__\":{{{}}}", pairs.join(","));
    let mut start = 0;
    for entry in entries {
        let end = start + size_of_val(entry.values);
        let (name, shape) = (json(&entry.name), &entry.shape);
        let _ = write!(header, ",{name}:{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}");
        start = end;
    }
    header.push('}');
    let padding = header.len().next_multiple_of(8) - header.len();
    header.extend(std::iter::repeat_n(' ', padding));
    header
}

/// A JSON string.
fn json(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control < ' ' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A file's bytes.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// A safetensors file in memory.
pub(crate) struct Stored<'a> {
    path: &'a Path,
    header: Metadata,
    data: &'a [u8],
}

impl<'a> Stored<'a> {
    /// Reads the header, and checks that the data is as long as it says.
    pub(crate) fn parse(path: &'a Path, bytes: &'a [u8]) -> Result<Self, Error> {
        let (length, header) = SafeTensors::read_metadata(bytes)
            .map_err(|error| Error::Corrupt { path: path.to_owned(), reason: error.to_string() })?;
        let data = &bytes[size_of::<u64>() + length..];
        Ok(Self { path, header, data })
    }

    /// The metadata, in order.
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        self.header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Everything in which the file differs from these tensors of a network with the hash `hash`.
    pub(crate) fn mismatches(&self, hash: &str, expected: Vec<(String, Vec<usize>)>) -> Vec<Mismatch> {
        let metadata = self.metadata();
        let mut mismatches: Vec<Mismatch> = [("nn.hash", hash), ("nn.layout", LAYOUT)]
            .into_iter()
            .filter_map(|(key, expected)| {
                let found = metadata.get(key).filter(|&found| found != expected)?;
                Some(Mismatch::Metadata { key: key.to_owned(), expected: expected.to_owned(), found: found.clone() })
            })
            .collect();
        let mut unexpected: BTreeMap<String, &TensorInfo> = self.header.tensors().into_iter().collect();
        for (name, shape) in expected {
            match unexpected.remove(&name) {
                None => mismatches.push(Mismatch::Missing { name, shape }),
                Some(info) => mismatches.extend(differences(name, shape, info)),
            }
        }
        mismatches.extend(unexpected.into_iter().map(|(name, info)| {
            let shape = info.shape.clone();
            Mismatch::Unexpected { name, shape }
        }));
        mismatches
    }

    /// An error where there are mismatches with the network of this name.
    pub(crate) fn refuse(&self, network: &'static str, mismatches: Vec<Mismatch>) -> Result<(), Error> {
        if mismatches.is_empty() {
            return Ok(());
        }
        Err(Error::Mismatch { path: self.path.to_owned(), network, mismatches })
    }

    /// An error where one of these tensors, in a file without mismatches, holds a number that is
    /// not finite.
    pub(crate) fn refuse_non_finite(&self, tensors: &[(String, Vec<usize>)]) -> Result<(), Error> {
        for (name, shape) in tensors {
            if let Some((index, value)) = self.numbers(name).enumerate().find(|(_, number)| !number.is_finite()) {
                let number = format!("{name}{} is {value}", Index { shape, index });
                return Err(Error::NonFiniteWeight { path: self.path.to_owned(), number });
            }
        }
        Ok(())
    }

    /// Fills `values` from the tensor of that name, which is there in the right length.
    pub(crate) fn copy(&self, name: &str, values: &mut [f32]) {
        for (value, number) in values.iter_mut().zip(self.numbers(name)) {
            *value = number;
        }
    }

    /// The numbers of the tensor of that name; none where there is no such tensor.
    fn numbers(&self, name: &str) -> impl Iterator<Item = f32> + use<'a> {
        let (start, end) = self.header.info(name).map_or((0, 0), |info| info.data_offsets);
        self.data[start..end].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }
}

/// How a stored tensor differs from the network's.
fn differences(name: String, expected: Vec<usize>, info: &TensorInfo) -> Vec<Mismatch> {
    let mut differences = Vec::new();
    if info.dtype != Dtype::F32 {
        differences.push(Mismatch::NumberType { name: name.clone(), found: format!("{:?}", info.dtype) });
    }
    if info.shape != expected {
        differences.push(Mismatch::Shape { name, expected, found: info.shape.clone() });
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_survives_as_metadata() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        let text = "a \"b\" \\ \n\t\u{1} é 漢 \u{1f600}".to_owned();
        let given = BTreeMap::from([(text.clone(), text)]);
        write(&path, &given, &[]).unwrap();
        assert_eq!(metadata(&path).unwrap(), given);
    }
}
