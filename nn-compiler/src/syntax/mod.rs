//! Parsing.
pub mod ast;
