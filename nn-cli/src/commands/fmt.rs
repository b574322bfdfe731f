//! `nn fmt FILE|FOLDER…`: formats specs, or shows what that would change.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use nn_compiler::diagnostic::Diagnostic;
use nn_compiler::format::format;
use nn_compiler::syntax;
use similar::TextDiff;

use crate::console;
use crate::error::Error;
use crate::replace::replace;
use crate::spec::{self, STDIN, is_stdin};

/// The arguments of `nn fmt`.
#[derive(Args)]
pub struct Fmt {
    /// Specs, and folders to search for specs; `-` for the standard input
    #[arg(required_unless_present = "stdin", value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// Do not write files; show what would change, and fail if anything would
    #[arg(long)]
    check: bool,
    /// Format the standard input and print the result
    #[arg(long, conflicts_with = "paths")]
    stdin: bool,
}

impl Fmt {
    /// Formats all specs. Errors are printed, and the last one is returned.
    pub fn run(mut self) -> Result<(), Error> {
        if self.stdin {
            self.paths.push("-".into());
        }
        let mut failures = Vec::new();
        let mut unformatted = 0;
        for path in &self.paths {
            let files = specs(path).unwrap_or_else(|error| {
                failures.push(error);
                Vec::new()
            });
            for file in files {
                match self.format(&file) {
                    Ok(changes) => unformatted += usize::from(changes),
                    Err(error) => failures.push(error),
                }
            }
        }
        if self.check && unformatted > 0 {
            failures.push(Error::Unformatted { specs: unformatted });
        }
        let Some(last) = failures.pop() else { return Ok(()) };
        failures.iter().for_each(console::error);
        Err(last)
    }

    /// Formats a file, and returns whether that changes it.
    fn format(&self, path: &Path) -> Result<bool, Error> {
        let bytes = spec::read_bytes(path)?;
        let name = if is_stdin(path) { Path::new(STDIN) } else { path };
        let text = syntax::text_of(&bytes).map_err(|error| {
            let valid = String::from_utf8_lossy(&bytes[..error.span.start]);
            refuse(&[*error], name, &valid)
        })?;
        let formatted = format(text).map_err(|errors| refuse(&errors, name, text))?;
        let changes = formatted != text;
        if self.check {
            if changes {
                console::print(&difference(name, text, &formatted))?;
            }
        } else if is_stdin(path) {
            console::print(&formatted)?;
        } else if changes {
            replace(path, &formatted)?;
            console::print(&format!("{}: formatted\n", path.display()))?;
        }
        Ok(changes)
    }
}

/// Prints the errors of a spec that cannot be formatted.
fn refuse(errors: &[Diagnostic], path: &Path, text: &str) -> Error {
    spec::show(errors, path, text);
    Error::Spec { path: path.to_owned(), errors: errors.len() }
}

/// The changes, in the format of `diff -u`.
fn difference(path: &Path, before: &str, after: &str) -> String {
    // If the smallest difference takes too long to find, a larger one is enough.
    let difference = TextDiff::configure().timeout(Duration::from_secs(1)).diff_lines(before, after);
    let path = path.display().to_string();
    difference.unified_diff().header(&path, &format!("{path} (formatted)")).to_string()
}

/// The file, or all specs in the folder and its subfolders, sorted by name.
fn specs(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if is_stdin(path) || !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut specs = Vec::new();
    search(path, &mut specs)?;
    match specs.is_empty() {
        true => Err(Error::NoSpecs { path: path.to_owned() }),
        false => Ok(specs),
    }
}

fn search(folder: &Path, specs: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let mut entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(failed)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        // Links to folders are not followed, because they may form a loop.
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        let is_skipped = name.to_string_lossy().starts_with('.') || name == "target";
        if is_folder && !is_skipped {
            search(&path, specs)?;
        } else if path.extension().is_some_and(|extension| extension == "nn") && path.is_file() {
            specs.push(path);
        }
    }
    Ok(())
}
