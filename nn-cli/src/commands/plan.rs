//! `nn plan SPEC`: shows the operations of a network and their buffers.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn plan`.
#[derive(Args)]
pub struct Plan {
    /// The spec, a `.nn` file
    spec: PathBuf,
}

impl Plan {
    /// Prints the plans.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        console::print(&nn_compiler::plan_text::print(&spec.compiled))
    }
}
