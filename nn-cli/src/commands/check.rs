//! `nn check FILE…`: finds mistakes in specs and in their data, and applies safe fixes.

use std::path::{Path, PathBuf};

use clap::Args;
use nn_compiler::diagnostic::Level;
use serde_json::Value;

use crate::console;
use crate::error::Error;
use crate::inspection::{Inspection, inspect};
use crate::json;
use crate::replace::replace;
use crate::spec::{SpecFile, is_stdin};
use crate::wording::counted;

/// The arguments of `nn check`.
#[derive(Args)]
pub struct Check {
    /// The specs, or `-` for the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Apply all safe fixes to the files, or print the fixed standard input
    #[arg(long)]
    fix: bool,
    /// Print the diagnostics as JSON, for editors and scripts
    #[arg(long)]
    json: bool,
    /// Fail if there are warnings
    #[arg(long)]
    deny_warnings: bool,
}

impl Check {
    /// Checks all specs. Errors are printed, and the last one is returned.
    pub fn run(self) -> Result<(), Error> {
        let mut outcome = Ok(());
        let mut reports = Vec::new();
        for file in &self.files {
            let checked = self.check(file, &mut reports);
            if let Err(error) = checked
                && let Err(earlier) = std::mem::replace(&mut outcome, Err(error))
            {
                console::error(&earlier);
            }
        }
        if self.json {
            console::print(&json::report(&reports))?;
        }
        outcome
    }

    /// Reads, fixes and reports.
    fn check(&self, file: &Path, reports: &mut Vec<Value>) -> Result<(), Error> {
        let mut source = SpecFile::read(file)?;
        if self.fix && source.is_text {
            source = fix(file, source)?;
        }
        let mut inspection = Inspection::default();
        if let Some(spec) = &source.spec {
            inspection = inspect(spec, is_stdin(file));
            source.diagnostics.append(&mut inspection.warnings);
        }
        if self.json {
            reports.push(json::file(&source, &inspection));
        } else {
            source.show();
            console::print_error(&inspection.listing());
        }
        inspection.notes.iter().for_each(|note| console::note(&format!("{}: {note}", source.path.display())));
        inspection.verdict(&source.path)?;
        self.verdict(file, &source)
    }

    fn verdict(&self, file: &Path, source: &SpecFile) -> Result<(), Error> {
        let path = source.path.clone();
        let (errors, warnings) = (source.count(Level::Error), source.count(Level::Warning));
        let Some(spec) = &source.spec else {
            return Err(Error::Spec { path, errors });
        };
        if warnings > 0 && self.deny_warnings {
            return Err(Error::Warned { path, warnings });
        }
        // Nothing else is printed to the standard output with `--json`, or after a fixed standard
        // input.
        if self.json || (self.fix && is_stdin(file)) {
            return Ok(());
        }
        let but = if warnings > 0 { format!(", with {}", counted(warnings, "warning")) } else { String::new() };
        console::print(&format!("{}: {} is valid{but}\n", path.display(), spec.name()))
    }
}

/// Applies the safe fixes, and prints how many edits there were.
fn fix(file: &Path, source: SpecFile) -> Result<SpecFile, Error> {
    let (fixed, edits) = nn_compiler::fix(&source.text);
    if is_stdin(file) {
        console::print(&fixed)?;
    } else if edits > 0 {
        replace(file, &fixed)?;
        console::print_error(&format!("{}: {} applied\n", file.display(), counted(edits, "edit")));
    } else if source.count(Level::Error) > 0 {
        console::print_error(&format!("{}: not changed, because no fix is safe\n\n", file.display()));
    }
    Ok(SpecFile::compile(source.path, fixed))
}
