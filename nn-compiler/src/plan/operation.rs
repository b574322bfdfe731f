//! What every operation knows about itself.

use super::buffer::Buffer;
use super::roles::{Fields, Read, Write};

/// An operation of a plan. What it reads and writes follows from its fields ([`Fields`]).
pub trait Operation: Fields {
    /// Its formula, for people.
    fn formula(&self) -> String;
    /// How much it computes for one row.
    fn work(&self, buffers: &[Buffer]) -> Work;
}

/// How much an operation computes for one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// This many multiply-adds. The runtime can split its kernel into pieces, which threads share.
    Products(usize),
    /// Something small for each number that it writes.
    Elements,
}

/// All operations together, for code that knows none of them.
pub trait AnyOperation: Operation + Clone {
    /// y = a + b
    fn sum(a: Read, b: Read, y: Write) -> Self;
}
