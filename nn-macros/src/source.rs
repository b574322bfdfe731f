//! Files that a program names: the path and the contents.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nn_compiler::Outcome;
use nn_compiler::syntax::{self, MAX_BYTES};
use syn::LitStr;

/// A file.
pub struct Source {
    /// What to call it in messages.
    pub name: String,
    /// The path for `include_bytes!`.
    pub include: LitStr,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl Source {
    /// The text of a spec, or the part of it that is text, and the result of compiling it.
    pub fn compile(&self) -> (&str, Outcome) {
        match syntax::text_of(&self.bytes) {
            Ok(text) => (text, nn_compiler::compile(text)),
            Err(error) => {
                let valid = std::str::from_utf8(&self.bytes[..error.span.start]).unwrap_or_default();
                (valid, Outcome { ast: None, compiled: None, diagnostics: vec![*error], hidden: 0 })
            }
        }
    }
}

/// Reads a spec, at most one byte more than it may have.
pub fn read_spec(path: &LitStr) -> Result<Source, String> {
    read(path, MAX_BYTES as u64 + 1)
}

/// Reads a weights file.
pub fn read_weights(path: &LitStr) -> Result<Source, String> {
    read(path, u64::MAX)
}

/// Reads the file of a path, which is relative to the calling file or to the package, up to this
/// many bytes.
fn read(path: &LitStr, limit: u64) -> Result<Source, String> {
    let written = path.value();
    let beside = path.span().local_file().and_then(|file| Some(file.parent()?.join(&written)));
    let package = env::var_os("CARGO_MANIFEST_DIR").map(|package| Path::new(&package).join(&written));
    let mut tried = Vec::new();
    for (place, is_beside) in [(beside, true), (package, false)] {
        let Some(place) = place else { continue };
        match read_file(&place, limit) {
            Ok(bytes) => {
                let include = if is_beside { path.clone() } else { LitStr::new(&absolute(&place), path.span()) };
                return Ok(Source { name: name(&place, &written), include, bytes });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => tried.push(place),
            Err(error) => return Err(format!("cannot read `{}`: {error}", place.display())),
        }
    }
    tried.dedup();
    let tried = tried.first().map_or(String::new(), |place| format!("\nlooked at `{}` first", place.display()));
    let rule = "\nnote: the path is relative to this file or to the package's root";
    Err(format!("there is no file `{written}`{tried}{rule}"))
}

/// A pipe or a device is refused, because rustc would wait for it, or read without end.
fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is a folder, a pipe or a device, not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| PathBuf::from(path)).to_string_lossy().into_owned()
}

/// The path from where rustc runs, so that editors and terminals can follow it; otherwise as
/// written.
fn name(path: &Path, written: &str) -> String {
    let here = env::current_dir().and_then(|here| here.canonicalize());
    let relative = here.and_then(|here| Ok(path.canonicalize()?.strip_prefix(here).map(Path::to_path_buf)));
    match relative {
        Ok(Ok(path)) => path.to_string_lossy().into_owned(),
        _ => written.to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_not_a_file_is_refused_without_waiting() {
        let pipe = env::temp_dir().join(format!("nn-macros-pipe-{}", std::process::id()));
        assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
        let read = |path: &Path| read_file(path, u64::MAX).map_err(|error| error.to_string());
        let refused = Err("it is a folder, a pipe or a device, not a file".to_owned());
        let found = [read(&pipe), read(Path::new("/dev/zero")), read(&env::temp_dir())];
        assert_eq!(found, [refused.clone(), refused.clone(), refused]);
        fs::remove_file(&pipe).unwrap();
        assert_eq!(
            read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))).map(|text| text.is_empty()),
            Ok(false)
        );
    }
}
