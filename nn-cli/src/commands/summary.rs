//! `nn summary SPEC`: shows layers, shapes, parameters and costs.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn summary`.
#[derive(Args)]
pub struct Summary {
    /// The spec, a `.nn` file
    spec: PathBuf,
}

impl Summary {
    /// Prints the table.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        console::print(&nn_compiler::summary::table(&spec.compiled))
    }
}
