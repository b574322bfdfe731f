//! Weights of a safetensors file in memory: whether they fit a network, and their way into it.
//!
//! Nothing here needs an allocator but errors that list every mismatch: without one, the first is
//! reported.

#[cfg(feature = "alloc")]
use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::header::{Found, Header, LAYOUT};
#[cfg(feature = "alloc")]
use super::json::Quoted;
use crate::error::Error;
#[cfg(feature = "alloc")]
use crate::misfit::Mismatch;
use crate::misfit::{Damage, FirstMismatch, Model, Place};
use crate::tensor::{NonFinite, Tensor};

/// The metadata that must fit, if they are there.
fn own_metadata(model: &Model) -> [(&'static str, &'static str); 2] {
    [("nn.hash", model.hash), ("nn.layout", LAYOUT)]
}

/// A safetensors file in memory.
pub(crate) struct Stored<'a> {
    place: &'a Place,
    header: Header<'a>,
}

impl<'a> Stored<'a> {
    /// Reads the header, and checks that the data is as long as it says.
    pub(crate) fn parse(place: &'a Place, bytes: &'a [u8]) -> Result<Self, Error> {
        match Header::parse(bytes) {
            Ok(header) => Ok(Self { place, header }),
            Err(reason) => Err(Error::Corrupt { place: place.clone(), reason }),
        }
    }

    /// An error where the file does not fit the model.
    pub(crate) fn check_fits(&self, model: &Model) -> Result<(), Error> {
        match self.first_mismatch(model) {
            Ok(None) => Ok(()),
            Ok(Some(mismatch)) => Err(self.misfit(model, mismatch)),
            Err(reason) => Err(self.corrupt(reason)),
        }
    }

    /// An error where a number of the model is not finite.
    pub(crate) fn check_finite(&self, model: &Model) -> Result<(), Error> {
        for (tensor, found) in self.pairs(model) {
            let number = found.numbers().enumerate().find(|(_, number)| !number.is_finite());
            if let Some((index, value)) = number {
                let number = NonFinite { tensor, index, value };
                return Err(Error::NonFiniteWeight { place: self.place.clone(), number });
            }
        }
        Ok(())
    }

    /// The tensors of the model with those of the file that have the same names.
    pub(crate) fn pairs(&self, model: &Model) -> impl Iterator<Item = (&'static Tensor, Found<'a>)> + use<'a> {
        let model = *model;
        self.header.tensors().enumerate().filter_map(move |(place, found)| {
            // Most files have the order of the network.
            let at_place = model.tensors.get(place).filter(|tensor| found.name.is(tensor.name));
            let tensor = at_place.or_else(|| model.tensors.iter().find(|tensor| found.name.is(tensor.name)));
            Some((tensor?, found))
        })
    }

    /// The first difference between the file and the model.
    pub(super) fn first_mismatch(&self, model: &Model) -> Result<Option<FirstMismatch>, Damage> {
        // The last value of a key counts, as in `metadata`.
        let found = |own: &str| self.header.pairs().filter(|(key, _)| key.is(own)).last();
        let differs = |(key, expected): &(&str, &str)| found(key).is_some_and(|(_, value)| !value.is(expected));
        if let Some((key, expected)) = own_metadata(model).into_iter().find(differs) {
            return Ok(Some(FirstMismatch::Metadata { key, expected }));
        }
        for tensors in model.tensors.chunks(u64::BITS as usize) {
            let mut seen = 0_u64;
            for found in self.header.tensors() {
                let named = |(_, tensor): &(usize, &Tensor)| found.name.is(tensor.name);
                let Some((index, tensor)) = tensors.iter().enumerate().find(named) else { continue };
                let bit = 1 << index;
                if seen & bit != 0 {
                    return Err(Damage::Duplicate { at: found.at });
                }
                seen |= bit;
                if found.number_type != "F32" {
                    return Ok(Some(FirstMismatch::NumberType(tensor)));
                }
                if !found.has_shape(tensor.shape) {
                    return Ok(Some(FirstMismatch::Shape(tensor)));
                }
            }
            if let Some(tensor) = tensors.get(seen.trailing_ones() as usize) {
                return Ok(Some(FirstMismatch::Missing(tensor)));
            }
        }
        // Each tensor of the network is there once, so one that is left over has another name.
        if self.header.tensors().nth(model.tensors.len()).is_none() {
            return Ok(None);
        }
        let is_known = |found: &Found<'_>| model.tensors.iter().any(|tensor| found.name.is(tensor.name));
        let unexpected = self.header.tensors().find(|found| !is_known(found));
        Ok(unexpected.map(|found| FirstMismatch::Unexpected { at: found.at }))
    }

    fn corrupt(&self, reason: Damage) -> Error {
        Error::Corrupt { place: self.place.clone(), reason }
    }

    #[cfg(not(feature = "alloc"))]
    fn misfit(&self, model: &Model, mismatch: FirstMismatch) -> Error {
        Error::FirstMismatch { place: self.place.clone(), network: model.name, mismatch }
    }

    #[cfg(feature = "alloc")]
    fn misfit(&self, model: &Model, _first: FirstMismatch) -> Error {
        let expected = model.tensors.iter().map(|tensor| (tensor.name, tensor.shape));
        match self.tensors() {
            Ok(found) => self.mismatch(model.name, self.mismatches(model, expected, &found)),
            Err(error) => error,
        }
    }
}

/// Files, and everything in which they differ.
#[cfg(feature = "alloc")]
impl<'a> Stored<'a> {
    /// The metadata, in order. The last value of a key counts, as in the crate `safetensors`.
    pub(crate) fn metadata(&self) -> BTreeMap<String, String> {
        self.header.pairs().map(|(key, value)| (text(key), text(value))).collect()
    }

    /// The tensors by their names.
    pub(crate) fn tensors(&self) -> Result<BTreeMap<String, Found<'a>>, Error> {
        let mut tensors = BTreeMap::new();
        for found in self.header.tensors() {
            if tensors.insert(text(found.name), found).is_some() {
                return Err(self.corrupt(Damage::Duplicate { at: found.at }));
            }
        }
        Ok(tensors)
    }

    /// Everything in which the file differs from these tensors of the model.
    pub(crate) fn mismatches<'e, S: AsRef<str>>(
        &self,
        model: &Model,
        expected: impl Iterator<Item = (S, &'e [usize])>,
        found: &BTreeMap<String, Found<'_>>,
    ) -> Vec<Mismatch> {
        let metadata = self.metadata();
        let mut mismatches: Vec<Mismatch> = own_metadata(model)
            .into_iter()
            .filter_map(|(key, expected)| {
                let found = metadata.get(key).filter(|&found| found != expected)?;
                Some(Mismatch::Metadata { key: key.into(), expected: expected.into(), found: found.clone() })
            })
            .collect();
        let mut unexpected: BTreeMap<&str, &Found<'_>> =
            found.iter().map(|(name, found)| (name.as_str(), found)).collect();
        for (name, shape) in expected {
            let name = name.as_ref();
            match unexpected.remove(name) {
                None => mismatches.push(Mismatch::Missing { name: name.into(), shape: shape.to_vec() }),
                Some(found) => mismatches.extend(differences(name, shape, found)),
            }
        }
        mismatches.extend(unexpected.into_iter().map(|(name, found)| {
            let shape = found.shape.iter().collect();
            Mismatch::Unexpected { name: name.into(), shape }
        }));
        mismatches
    }

    /// The error of a file that does not fit the network of this name.
    pub(crate) fn mismatch(&self, network: &'static str, mismatches: Vec<Mismatch>) -> Error {
        Error::Mismatch { place: self.place.clone(), network, mismatches }
    }
}

#[cfg(feature = "alloc")]
fn text(quoted: Quoted<'_>) -> String {
    quoted.chars().collect()
}

/// How a stored tensor differs from the network's.
#[cfg(feature = "alloc")]
fn differences(name: &str, expected: &[usize], found: &Found<'_>) -> Vec<Mismatch> {
    let mut differences = Vec::new();
    if found.number_type != "F32" {
        differences.push(Mismatch::NumberType { name: name.into(), found: found.number_type.into() });
    }
    if !found.has_shape(expected) {
        let (expected, found) = (expected.to_vec(), found.shape.iter().collect());
        differences.push(Mismatch::Shape { name: name.into(), expected, found });
    }
    differences
}
