//! Lists the source files of the runtime, which `nn` carries (`src/program/runtime.rs`).

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A link to `nn-runtime/src`. In the package of this crate it is a folder.
const SOURCES: &str = "runtime/src";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SOURCES}");
    let mut files = Vec::new();
    collect(Path::new(SOURCES), "", &mut files).map_err(|error| {
        io::Error::other(format!("{SOURCES}, a link to nn-runtime/src: {error} (git needs core.symlinks = true)"))
    })?;
    files.sort();
    let mut list = String::from("[\n");
    for file in files {
        let path = format!("/{SOURCES}/{file}");
        // Writing to a `String` cannot fail.
        let _ = writeln!(list, "    ({file:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),");
    }
    let folder = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(folder.join("runtime.rs"), list + "]\n")
}

/// Adds the files below a folder, with `/` in their names.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else if name.ends_with(".rs") {
            files.push(name);
        }
    }
    Ok(())
}
