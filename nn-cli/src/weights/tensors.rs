//! The tensors of a weights file, and how they differ from those of a network.
//!
//! `Net::load` of `nn-runtime` makes the same checks with the same messages. Here they are made
//! before anything is compiled.

use std::collections::BTreeMap;

use nn_compiler::identity;
use safetensors::tensor::{Metadata as Header, SafeTensorError, TensorInfo};
use safetensors::{Dtype, SafeTensors};

use crate::spec::Spec;
use crate::weights::metadata::Metadata;

/// The value of `nn.layout`, as `nn-runtime` writes it.
const LAYOUT: &str = "dense weights are [inputs, units]";

/// A safetensors file in memory.
pub struct Stored<'a> {
    header: Header,
    data: &'a [u8],
}

impl<'a> Stored<'a> {
    /// Reads the header, and checks the length of the data.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SafeTensorError> {
        let (length, header) = SafeTensors::read_metadata(bytes)?;
        Ok(Self { header, data: &bytes[size_of::<u64>() + length..] })
    }

    /// The metadata, sorted by key.
    pub fn metadata(&self) -> Metadata {
        self.header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// All differences between the file and the network of a spec.
    pub fn differences(&self, spec: &Spec) -> Vec<String> {
        let metadata = self.metadata();
        let hash = identity::hash(&spec.compiled);
        let mut differences = Vec::new();
        for (key, expected) in [("nn.hash", hash.as_str()), ("nn.layout", LAYOUT)] {
            if let Some(found) = metadata.get(key).filter(|found| *found != expected) {
                differences.push(format!("{key}: `{found}` in the file, `{expected}` in the network"));
            }
        }
        let mut unexpected: BTreeMap<String, &TensorInfo> = self.header.tensors().into_iter().collect();
        for tensor in spec.compiled.tensors.by_offset() {
            match unexpected.remove(&tensor.name) {
                None => differences.push(format!("missing: `{}` {:?}", tensor.name, tensor.shape)),
                Some(info) => differences.extend(of_tensor(&tensor.name, &tensor.shape, info)),
            }
        }
        differences.extend(unexpected.into_iter().map(|(name, info)| format!("unexpected: `{name}` {:?}", info.shape)));
        differences
    }

    /// The first number that is not finite: `y.0.weight[0, 3] is NaN`.
    pub fn non_finite(&self, spec: &Spec) -> Option<String> {
        spec.compiled.tensors.by_offset().find_map(|tensor| {
            let (mut rest, value) = self.numbers(&tensor.name).enumerate().find(|(_, number)| !number.is_finite())?;
            let mut index: Vec<String> = Vec::new();
            for length in tensor.shape.iter().rev() {
                index.insert(0, (rest % length).to_string());
                rest /= length;
            }
            Some(format!("{}[{}] is {value}", tensor.name, index.join(", ")))
        })
    }

    /// The numbers of a tensor of type F32; none if there is no such tensor.
    pub fn numbers(&self, name: &str) -> impl Iterator<Item = f32> + use<'a> {
        let info = self.header.info(name).filter(|info| info.dtype == Dtype::F32);
        let (start, end) = info.map_or((0, 0), |info| info.data_offsets);
        self.data[start..end].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }
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
