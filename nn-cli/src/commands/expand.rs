//! `nn expand SPEC`: shows the Rust that a spec becomes.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn expand`.
#[derive(Args)]
pub struct Expand {
    /// The spec
    spec: PathBuf,
}

impl Expand {
    /// Prints it.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        console::print(&nn_compiler::codegen::rust(&spec.compiled))
    }
}
