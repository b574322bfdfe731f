//! The source files of the workspace, parsed.

use std::fs;
use std::path::Path;

/// The folders that are checked.
const FOLDERS: [&str; 9] =
    ["nn-compiler", "nn-data", "nn-onnx", "nn-runtime", "nn-macros", "nn-cli", "tests", "benches", "fuzz"];

/// Build outputs, a workspace of its own, and generated networks.
const LEFT_OUT: [&str; 3] = ["target", "peers", "networks"];

/// A file of Rust.
pub struct Source {
    /// Its path from the root of the workspace, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// How many lines it has.
    pub lines: usize,
    /// Its syntax tree.
    pub syntax: syn::File,
}

impl Source {
    /// Parses `text` as the file `path`.
    ///
    /// # Panics
    ///
    /// If it is not Rust.
    pub fn new(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text: text.to_owned(), lines: text.lines().count(), syntax }
    }
}

/// Every source file of the workspace, in order of paths.
pub fn workspace() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace");
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), folder, &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn collect(folder: &Path, name: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace can be read") {
        let entry = entry.expect("an entry of a folder can be read");
        let file = entry.file_name().into_string().expect("names of files are text");
        let path = format!("{name}/{file}");
        // A link leads to a file that is read where it is.
        if entry.path().is_symlink() {
            continue;
        }
        if entry.path().is_dir() {
            if !LEFT_OUT.contains(&file.as_str()) {
                collect(&entry.path(), &path, sources);
            }
        } else if file.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("a source file can be read");
            sources.push(Source::new(&path, &text));
        }
    }
}
