//! Ids, which stages pass on instead of names.

use std::fmt;

/// A value of a network's graph: an index into [`Model::values`](crate::model::Model::values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub usize);

/// A buffer of a plan: an index into [`Program::buffers`](crate::plan::Program::buffers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BufferId(pub usize);

/// A tensor that outlives a pass: an index into [`Tensors::all`](crate::plan::Tensors::all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TensorId(pub usize);

impl fmt::Display for BufferId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%{}", self.0)
    }
}
