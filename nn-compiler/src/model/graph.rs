//! The values of a network, and how each is computed.

pub use crate::ids::ValueId;
use crate::layers::Layer;
use crate::span::Span;

/// One value of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What names it in tables and parameters: `digit.0`, or its own name if a statement binds it.
    pub label: String,
    /// How it is computed.
    pub node: Node,
    /// The token to show for it: the layer's call, the merge, or the input's name.
    pub span: Span,
    /// The uses of blocks that it came from, the outermost first; empty outside of blocks.
    pub uses: Vec<Span>,
    /// Whether a `freeze` keeps its layer from learning.
    pub is_frozen: bool,
    /// The learning rate of its layer, if that is not the optimizer's: an index of
    /// [`Train::rates`](super::Train::rates).
    pub rate: Option<usize>,
}

/// How a value is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// It is given.
    Input {
        /// Its dimensions, without the batch.
        shape: Vec<usize>,
    },
    /// By a layer, from one value.
    Layer {
        /// The layer.
        layer: Layer,
        /// What it is applied to.
        input: ValueId,
    },
    /// By joining values.
    Merge {
        /// How they are joined.
        merge: Merge,
        /// What is joined: two values or more.
        inputs: Vec<ValueId>,
    },
}

impl Node {
    /// The values it is computed from.
    pub fn inputs(&self) -> &[ValueId] {
        match self {
            Self::Input { .. } => &[],
            Self::Layer { input, .. } => std::slice::from_ref(input),
            Self::Merge { inputs, .. } => inputs,
        }
    }
}

/// How several values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Elementwise sum of equal shapes.
    Add,
    /// Elementwise product of equal shapes.
    Multiply,
    /// One after the other along the first dimension.
    Concat,
}

impl Merge {
    /// Every merge.
    pub const ALL: [Self; 3] = [Self::Add, Self::Multiply, Self::Concat];

    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Multiply => "multiply",
            Self::Concat => "concat",
        }
    }
}
