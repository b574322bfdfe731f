//! The tensors of a weights file, and how they differ from those of a network.

use std::collections::BTreeMap;

use safetensors::tensor::{Metadata, TensorInfo};
use safetensors::{Dtype, SafeTensors};

use crate::codegen::Header;
use crate::compiled::Compiled;
use crate::identity;

/// The value of `nn.layout`, as `nn-runtime` writes it.
pub const LAYOUT: &str = "dense weights are [inputs, units]";

/// A safetensors file in memory.
pub struct Stored<'a> {
    header: Metadata,
    bytes: &'a [u8],
    /// Where the numbers start.
    start: usize,
}

impl<'a> Stored<'a> {
    /// Reads the header, and checks the length of the data.
    ///
    /// # Errors
    ///
    /// Why the bytes are not a safetensors file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, String> {
        let (length, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
        Ok(Self { header, bytes, start: size_of::<u64>() + length })
    }

    /// The header, which says where each tensor is.
    pub fn header(&self) -> Header {
        Header { length: self.start, fingerprint: fingerprint(&self.bytes[..self.start]) }
    }

    /// The metadata, sorted by key.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        self.header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// All differences between the file and a network.
    pub fn differences(&self, compiled: &Compiled) -> Vec<String> {
        let metadata = self.metadata();
        let hash = identity::hash(compiled);
        let mut differences = Vec::new();
        for (key, expected) in [("nn.hash", hash.as_str()), ("nn.layout", LAYOUT)] {
            if let Some(found) = metadata.get(key).filter(|found| *found != expected) {
                differences.push(format!("{key}: `{found}` in the file, `{expected}` in the network"));
            }
        }
        let mut unexpected: BTreeMap<String, &TensorInfo> = self.header.tensors().into_iter().collect();
        for tensor in compiled.tensors.by_offset() {
            match unexpected.remove(&tensor.name) {
                None => differences.push(format!("missing: `{}` {:?}", tensor.name, tensor.shape)),
                Some(info) => differences.extend(of_tensor(&tensor.name, &tensor.shape, info)),
            }
        }
        differences.extend(unexpected.into_iter().map(|(name, info)| format!("unexpected: `{name}` {:?}", info.shape)));
        differences
    }

    /// The first number that is not finite in a file without differences: `y.0.weight[0, 3] is NaN`.
    pub fn non_finite(&self, compiled: &Compiled) -> Option<String> {
        compiled.tensors.by_offset().find_map(|tensor| {
            let (at, value) = self.numbers(&tensor.name).enumerate().find(|(_, number)| !number.is_finite())?;
            Some(format!("{}{} is {value}", tensor.name, index(&tensor.shape, at)))
        })
    }

    /// The numbers of a tensor of type F32; none if there is no such tensor.
    pub fn numbers(&self, name: &str) -> impl Iterator<Item = f32> + use<'a> {
        let info = self.header.info(name).filter(|info| info.dtype == Dtype::F32);
        let (start, end) = info.map_or((0, 0), |info| info.data_offsets);
        self.bytes[self.start..][start..end].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }

    /// Every tensor: its name, its number type, its shape and its bytes, sorted by name.
    pub fn tensors(&self) -> Vec<(String, String, Vec<usize>, &'a [u8])> {
        let tensors: BTreeMap<String, &TensorInfo> = self.header.tensors().into_iter().collect();
        let data = &self.bytes[self.start..];
        let parts = tensors.into_iter().map(|(name, info)| {
            let (start, end) = info.data_offsets;
            (name, format!("{:?}", info.dtype), info.shape.clone(), &data[start..end])
        });
        parts.collect()
    }

    /// The byte at which each tensor of the network starts, in the order of `Tensors::all`, in a file without
    /// differences.
    pub fn starts(&self, compiled: &Compiled) -> Vec<usize> {
        let start = |name: &str| self.header.info(name).map_or(0, |info| info.data_offsets.0);
        compiled.tensors.all.iter().map(|tensor| self.start + start(&tensor.name)).collect()
    }
}

/// A number for bytes, which other bytes are unlikely to have. `nn_runtime::memory` computes the same while a program
/// is compiled.
fn fingerprint(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain(rest.iter().map(|byte| u64::from(*byte)));
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}

/// A position in a tensor: `[0, 3]`.
pub fn index(shape: &[usize], at: usize) -> String {
    let mut rest = at;
    let mut index: Vec<String> = Vec::new();
    for length in shape.iter().rev() {
        index.insert(0, (rest % length).to_string());
        rest /= length;
    }
    format!("[{}]", index.join(", "))
}

/// How a stored tensor differs from that of the network.
fn of_tensor(name: &str, shape: &[usize], info: &TensorInfo) -> Vec<String> {
    let mut differences = Vec::new();
    if info.dtype != Dtype::F32 {
        differences.push(format!("number type of `{name}`: {:?} in the file, F32 in the network", info.dtype));
    }
    if info.shape != shape {
        differences.push(format!("shape of `{name}`: {:?} in the file, {shape:?} in the network", info.shape));
    }
    differences
}
