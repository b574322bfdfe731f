//! `nn expand SPEC`: shows the Rust code generated for a spec.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn expand`.
#[derive(Args)]
pub struct Expand {
    /// The spec, a `.nn` file
    spec: PathBuf,
}

impl Expand {
    /// Prints the code.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        console::print(&nn_compiler::codegen::rust(&spec.compiled))
    }
}
