//! `nn export --rust SPEC`: writes a network as a Rust module, for programs that do not use
//! `network!`.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use nn_compiler::codegen;

use crate::console;
use crate::error::Error;
use crate::output::refuse_input;
use crate::replace;
use crate::spec::{Spec, is_stdin};
use crate::weights::Weights;

/// How a module starts that this command wrote, so that it may replace it.
const MARK: &str = "// Written by `nn export`";

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
    /// The weights that the module is to hold, as `TRAINED`
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The module, a `.rs` file, or its folder [default: next to the spec]
    #[arg(long, short, value_name = "FILE|FOLDER")]
    out: Option<PathBuf>,
    /// Replace files that `nn export` did not write
    #[arg(long)]
    force: bool,
}

/// What a network can be written as.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A Rust module, which needs `nn-runtime` without its macro
    Rust,
}

impl Export {
    /// Writes the module and its weights, and prints how to use them.
    pub fn run(self) -> Result<(), Error> {
        match self.to.unwrap_or(Format::Rust) {
            Format::Rust => self.rust(),
        }
    }

    fn rust(&self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let weights = self.weights.as_deref().map(|path| Weights::find(&spec, Some(path))).transpose()?;
        let module = self.module(&spec)?;
        let beside = weights.as_ref().map(|_| module.with_extension("weights"));
        self.refuse_inputs(&module, beside.as_deref())?;
        if !self.force {
            refuse_foreign(&module, beside.as_deref())?;
        }
        let version = env!("CARGO_PKG_VERSION");
        let head = format!("{MARK} {version} from `{}`. Do not edit it: export it again.\n\n", file_name(&self.spec));
        match (&weights, &beside) {
            (Some(weights), Some(file)) => {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let code = head + &codegen::rust_with(&spec.compiled, weights.trained(&spec, &name)?);
                replace::write_all(&[(file, weights.bytes()), (&module, code.as_bytes())])?;
            }
            _ => replace::write(&module, (head + &codegen::rust(&spec.compiled)).as_bytes())?,
        }
        console::print(&usage(&spec, &module, beside.as_deref()))
    }

    /// The path of the module.
    fn module(&self, spec: &Spec) -> Result<PathBuf, Error> {
        let is_rust = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
        let name = format!("{}.rs", identifier(&spec.path));
        let path = match &self.out {
            Some(file) if is_rust(file) => file.clone(),
            Some(folder) if folder.is_dir() => folder.join(name),
            Some(other) => return Err(Error::NotAModule { path: other.clone() }),
            None if is_stdin(&self.spec) => return Err(Error::NoDefaultModule),
            None => spec.path.with_file_name(name),
        };
        Ok(path)
    }

    /// Refuses devices and folders, and files that this command reads, before anything is written.
    /// (Weights may become what they are.)
    fn refuse_inputs(&self, module: &Path, beside: Option<&Path>) -> Result<(), Error> {
        let inputs: Vec<PathBuf> = iter::once(&self.spec).chain(&self.weights).cloned().collect();
        for (path, inputs) in iter::once((module, &inputs[..])).chain(beside.map(|file| (file, &inputs[..1]))) {
            let refused = replace::target(path).and_then(|target| refuse_input(&target, inputs));
            refused.map_err(|source| Error::Write { path: path.to_owned(), source })?;
        }
        Ok(())
    }
}

/// Refuses to replace a module that this command did not write, or weights that such a module does
/// not include.
fn refuse_foreign(module: &Path, weights: Option<&Path>) -> Result<(), Error> {
    let text = fs::read(module).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let is_ours = text.starts_with(MARK);
    let includes = |file: &Path| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        is_ours && text.contains(&format!("include_bytes!({name:?})"))
    };
    if module.exists() && !is_ours {
        return Err(Error::NotOurs { path: module.to_owned() });
    }
    match weights.filter(|file| file.exists() && !includes(file)) {
        Some(file) => Err(Error::NotOurs { path: file.to_owned() }),
        None => Ok(()),
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

/// What was written, and the lines that use it.
fn usage(spec: &Spec, module: &Path, weights: Option<&Path>) -> String {
    let network = codegen::ident(spec.name());
    let name = identifier(module);
    let is_named = module.file_stem().is_some_and(|stem| stem == &*name);
    let path = if is_named { String::new() } else { format!("    #[path = {:?}]\n", file_name(module)) };
    let (with, value) = match weights {
        Some(weights) => (format!(", and its weights in {}", weights.display()), format!("{network}::TRAINED")),
        None => (String::new(), format!("{network}::load({:?})?", file_name(&spec.path.with_extension("safetensors")))),
    };
    let (module, name, version) = (module.display(), codegen::ident(&name), env!("CARGO_PKG_VERSION"));
    format!(
        "`{network}` is in {module}{with}\n\n\
         in Cargo.toml, below [dependencies]:\n\n    \
         nn-runtime = {{ version = \"{version}\", default-features = false, features = [\"std\"] }}\n\n\
         in the file beside it:\n\n\
         {path}    mod {name};\n    \
         use nn_runtime::prelude::*;\n\n    \
         let network = {name}::{value};\n    \
         let outputs = network.predict(&inputs);\n"
    )
}

#[cfg(test)]
mod tests {
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
