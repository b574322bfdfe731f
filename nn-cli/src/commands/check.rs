//! `nn check FILE…`: finds every mistake in specs.

use std::path::PathBuf;

use clap::Args;

use crate::console;
use crate::error::Error;
use crate::spec::Spec;

/// The arguments of `nn check`.
#[derive(Args)]
pub struct Check {
    /// The specs
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Check {
    /// Checks all of them; the last error stands for all that were found.
    pub fn run(self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for file in &self.files {
            let checked = match Spec::read(file) {
                Ok(spec) => console::print(&format!("{}: {} is valid\n", file.display(), spec.name())),
                Err(error) => Err(error),
            };
            if let Err(error) = checked
                && let Err(earlier) = std::mem::replace(&mut outcome, Err(error))
            {
                console::error(&earlier);
            }
        }
        outcome
    }
}
