//! `nn plan SPEC`: shows the operations that a network consists of, on which buffers.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn plan`.
#[derive(Args)]
pub struct Plan {
    /// The spec
    spec: PathBuf,
}

impl Plan {
    /// Prints it.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        console::print(&nn_compiler::plan_text::print(&spec.compiled))
    }
}
