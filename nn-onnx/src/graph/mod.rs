//! The graph of a model: every name is resolved, and every constant and shape that is known is at its value.
//!
//! Nodes are in an order in which each comes after those that it reads. The first dimension of each input is the batch,
//! whatever the file calls it. Its length is [`Graph::batch`]: that of the file if it is a number, else one that no
//! other dimension has.

pub mod array;
pub mod attributes;
pub mod build;
pub mod fold;
pub mod operator;
pub mod shapes;
pub mod uses;

pub use array::Array;
pub use attributes::{Attribute, Attributes};
pub use operator::Operator;

use crate::error::{Reason, Refusal};

/// The length of a batch that may be of any length: a prime that is not the product of other dimensions.
pub const ANY_BATCH: usize = 1_000_000_007;

/// A value, an index into [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

/// A graph of operations on values.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// What wrote the file.
    pub producer: String,
    /// The version of ONNX's own operators.
    pub opset: i64,
    /// The length of the batch.
    pub batch: usize,
    /// The operations.
    pub nodes: Vec<Node>,
    /// The values.
    pub values: Vec<Value>,
    /// What it takes.
    pub inputs: Vec<ValueId>,
    /// What it returns.
    pub outputs: Vec<Output>,
    /// What cannot be expressed. These nodes are not in `nodes`.
    pub refusals: Vec<Refusal>,
}

/// A value that the graph returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name in the file.
    pub name: String,
    /// What is returned.
    pub value: ValueId,
    /// The classes, if it is the class of the largest number of the value.
    pub classes: Option<Vec<String>>,
}

/// A value.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// Its name in the file.
    pub name: String,
    /// Its dimensions with the batch, if they are known.
    pub dims: Option<Vec<usize>>,
    /// Its elements, if they do not depend on the inputs.
    pub constant: Option<Array>,
    /// Whether it holds integers, as far as it is known.
    pub is_integer: bool,
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name in the file, or that of its first output.
    pub name: String,
    /// What it computes.
    pub operator: Operator,
    /// What it reads; `None` for an input that is left out.
    pub inputs: Vec<Option<ValueId>>,
    /// What it computes; `None` for an output that is left out.
    pub outputs: Vec<Option<ValueId>>,
    /// Its settings.
    pub attributes: Attributes,
}

impl Node {
    /// An input; `None` if it is left out.
    pub fn input(&self, at: usize) -> Option<ValueId> {
        self.inputs.get(at).copied().flatten()
    }

    /// An input that must be there.
    pub fn needed(&self, at: usize) -> Result<ValueId, Reason> {
        self.input(at).ok_or_else(|| Reason::new(format!("it has no input {}", at + 1), ""))
    }

    /// The first output.
    pub fn output(&self) -> Option<ValueId> {
        self.outputs.first().copied().flatten()
    }

    /// Its refusal.
    pub fn refused(&self, reason: Reason) -> Refusal {
        reason.of(&self.name, &self.operator.to_string())
    }
}

impl Graph {
    /// A value.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.0]
    }

    /// A constant.
    pub fn constant(&self, id: ValueId) -> Option<&Array> {
        self.value(id).constant.as_ref()
    }

    /// An input of a node, if it is a constant.
    pub fn constant_input(&self, node: &Node, at: usize) -> Option<&Array> {
        self.constant(node.input(at)?)
    }

    /// The dimensions of a value, which must be known.
    pub fn dims(&self, id: ValueId) -> Result<&[usize], Reason> {
        let value = self.value(id);
        value.dims.as_deref().ok_or_else(|| Reason::new(format!("the shape of `{}` is not known", value.name), ""))
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, name: &str, array: Array) -> ValueId {
        let dims = Some(array.dims.clone());
        let is_integer = array.ints().is_some();
        self.values.push(Value { name: name.to_owned(), dims, constant: Some(array), is_integer });
        ValueId(self.values.len() - 1)
    }
}
