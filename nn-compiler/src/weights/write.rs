//! Writes a weights file, as `Net::save` does.

use serde_json::{Map, json};

use super::stored::LAYOUT;
use crate::columns;
use crate::compiled::Compiled;
use crate::identity;

/// The bytes of a weights file: for each tensor of the network, in the order of `Tensors::all`, its numbers. Equal
/// numbers give equal bytes.
pub fn to_bytes(compiled: &Compiled, values: &[Vec<f32>]) -> Vec<u8> {
    let mut metadata: Map<_, _> =
        columns::metadata(compiled).into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    metadata.insert("nn.name".to_owned(), json!(compiled.model.name));
    metadata.insert("nn.hash".to_owned(), json!(identity::hash(compiled)));
    metadata.insert("nn.layout".to_owned(), json!(LAYOUT));
    metadata.insert("nn.version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    let mut header = Map::from_iter([("__metadata__".to_owned(), json!(metadata))]);
    let mut start = 0;
    for (tensor, numbers) in compiled.tensors.all.iter().zip(values) {
        let end = start + size_of_val(&numbers[..]);
        let about = json!({ "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end] });
        header.insert(tensor.name.clone(), about);
        start = end;
    }
    let mut header = json!(header).to_string();
    let padding = header.len().next_multiple_of(size_of::<u64>()) - header.len();
    header.extend(std::iter::repeat_n(' ', padding));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flatten().flat_map(|number| number.to_le_bytes()));
    bytes
}
