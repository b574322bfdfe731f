//! `nn export SPEC`: writes a network for other programs, as a Rust module or as a Python file.

mod python;
mod rust;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::error::Error;

/// The arguments of `nn export`.
#[derive(Args)]
pub struct Export {
    /// The spec, a `.nn` file
    spec: PathBuf,
    /// What to write
    #[arg(long, value_name = "FORMAT", required_unless_present = "rust")]
    to: Option<Format>,
    /// The same as --to rust
    #[arg(long, conflicts_with = "to")]
    rust: bool,
    /// The weights to export; of Python, those next to the spec if they are there [default: none]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The module, a `.rs` or `.py` file, or its folder [default: next to the spec]
    #[arg(long, short, value_name = "FILE|FOLDER")]
    out: Option<PathBuf>,
    /// Write numbers that the Python file compares itself with, by its option --check
    #[arg(long)]
    golden: bool,
    /// Replace files that `nn export` did not write
    #[arg(long)]
    force: bool,
}

/// What a network can be written as.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A Rust module, which needs `nn-runtime` without its macro
    Rust,
    /// A Python file of PyTorch: the model and its training
    Pytorch,
    /// A Python file of Keras 3: the model and its training
    Keras,
}

impl Export {
    /// Writes the module and what belongs to it, and prints how to use them.
    pub fn run(self) -> Result<(), Error> {
        match self.to.unwrap_or(Format::Rust) {
            Format::Rust if self.golden => Err(Error::GoldenOfRust),
            Format::Rust => self.rust(),
            Format::Pytorch => self.pytorch(),
            Format::Keras => self.keras(),
        }
    }
}

/// The name of a file, in comments.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().replace(['\n', '\r', '`'], "_")
}

/// The stem of a file as the name of a module.
fn identifier(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let name: String = stem.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    match &*name {
        "_" => "network".to_owned(),
        // Keywords that are not names as `r#…` either.
        "crate" | "self" | "super" => name + "_",
        _ if name.starts_with(|first: char| first.is_ascii_digit()) => format!("_{name}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use nn_compiler::codegen;

    use super::*;

    #[test]
    fn a_module_has_a_name_that_rust_can_use() {
        let names = ["a/digits.nn", "My-Net v2.nn", "3d.nn", "type.nn"].map(|path| identifier(Path::new(path)));
        assert_eq!(names, ["digits", "my_net_v2", "_3d", "type"]);
        assert_eq!(codegen::ident(&names[3]).to_string(), "r#type");
        let names = ["é.nn", "_.nn", "Self.nn", "crate.nn"].map(|path| identifier(Path::new(path)));
        assert_eq!(names, ["network", "network", "self_", "crate_"]);
    }
}
