//! What an ONNX file holds, as plain types: bytes in, a [`Model`] out.
//!
//! Guarantees: no byte sequence panics or overflows the stack, and what is decoded takes a few times the memory of the
//! file at most. Names, types and numbers are as they are in the file; nothing is looked up yet.
//!
//! The decoder is our own. The package `onnx-rs` 0.1.3 recurses once for each level of a nested type, so a file of
//! 200 KB ends the process by a stack overflow. Here a type that is not a tensor and the body of an `If` or a `Loop`
//! are not decoded at all: no network needs them.

mod decode;
mod tensor;
mod wire;

use std::borrow::Cow;

pub use decode::{decode, decode_tensor};
pub use tensor::{Elements, elements};

/// `ModelProto`
#[derive(Clone, Debug, Default)]
pub struct Model<'a> {
    /// What wrote it: `pytorch`.
    pub producer: String,
    /// The version of each set of operators, by domain.
    pub opsets: Vec<(String, i64)>,
    /// The graph; empty if the file has none.
    pub graph: Graph<'a>,
}

/// `GraphProto`
#[derive(Clone, Debug, Default)]
pub struct Graph<'a> {
    /// The operations.
    pub nodes: Vec<Node<'a>>,
    /// The tensors that it brings.
    pub initializers: Vec<Tensor<'a>>,
    /// What it takes; files of version 3 also list initializers here.
    pub inputs: Vec<ValueInfo>,
    /// What it returns.
    pub outputs: Vec<ValueInfo>,
}

/// `NodeProto`
#[derive(Clone, Debug, Default)]
pub struct Node<'a> {
    /// Its name, which may be empty.
    pub name: String,
    /// The operator.
    pub operator: String,
    /// The set of operators; empty for ONNX's own.
    pub domain: String,
    /// Names of values; an empty one is an input that is left out.
    pub inputs: Vec<String>,
    /// Names of values.
    pub outputs: Vec<String>,
    /// Its settings.
    pub attributes: Vec<(String, Attribute<'a>)>,
}

/// `AttributeProto`
#[derive(Clone, Debug)]
pub enum Attribute<'a> {
    /// A number.
    Float(f32),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A tensor.
    Tensor(Tensor<'a>),
    /// Numbers.
    Floats(Vec<f32>),
    /// Integers.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
    /// A graph, a sparse tensor, a type, or several of them.
    Other,
}

/// `TensorProto`
#[derive(Clone, Debug, Default)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: String,
    /// Its dimensions.
    pub dims: Vec<i64>,
    /// The number of its type in `TensorProto.DataType`.
    pub data_type: i64,
    /// Its numbers.
    pub data: Data<'a>,
}

/// Where the numbers of a tensor are.
#[derive(Clone, Debug, PartialEq)]
pub enum Data<'a> {
    /// Little-endian bytes.
    Raw(Cow<'a, [u8]>),
    /// `float_data`
    Floats(Vec<f32>),
    /// `double_data`
    Doubles(Vec<f64>),
    /// `int32_data`, `int64_data` or `uint64_data`; smaller types are in the first.
    Ints(Vec<i64>),
    /// `string_data`
    Texts(Vec<String>),
    /// In another file.
    External(External),
}

impl Default for Data<'_> {
    fn default() -> Self {
        Self::Raw(Cow::Borrowed(&[]))
    }
}

/// A part of another file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct External {
    /// The path from the folder of the model.
    pub location: String,
    /// The first byte.
    pub offset: u64,
    /// How many bytes; all that follow where it is not said.
    pub length: Option<u64>,
}

/// `ValueInfoProto`
#[derive(Clone, Debug, Default)]
pub struct ValueInfo {
    /// The name of the value.
    pub name: String,
    /// Its type, if it is a tensor.
    pub tensor: Option<TensorType>,
}

/// `TypeProto.Tensor`
#[derive(Clone, Debug, Default)]
pub struct TensorType {
    /// The number of its type in `TensorProto.DataType`.
    pub data_type: i64,
    /// Its dimensions, if they are known.
    pub dims: Option<Vec<Dim>>,
}

/// `TensorShapeProto.Dimension`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// A number.
    Known(i64),
    /// A name such as `batch`, empty if it has none.
    Named(String),
}
