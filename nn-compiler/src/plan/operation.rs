//! What every operation says of itself.

use super::buffer::Buffer;
use super::roles::{Fields, Read, Write};

/// An operation of a plan. What it touches follows from its fields ([`Fields`]).
pub trait Operation: Fields {
    /// Its formula, as people write it.
    fn formula(&self) -> String;
    /// How much it computes for one row.
    fn work(&self, buffers: &[Buffer]) -> Work;
}

/// How much an operation computes for one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// So many multiply-adds. The runtime can cut its kernel into pieces, which threads share.
    Products(usize),
    /// Something small for each number that it writes.
    Elements,
}

/// All operations together, as those who know none of them see them.
pub trait AnyOperation: Operation + Clone {
    /// y = a + b
    fn sum(a: Read, b: Read, y: Write) -> Self;
}
