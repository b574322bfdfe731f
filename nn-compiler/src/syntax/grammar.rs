//! The pest grammar, in a separate module because of the public enum that pest derives.

use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "syntax/nn.pest"]
pub(super) struct Grammar;
