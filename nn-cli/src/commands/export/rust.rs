//! `nn export --to rust`: a module for programs that do not use `network!`.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use nn_compiler::codegen;

use super::{Export, file_name, identifier};
use crate::console;
use crate::error::Error;
use crate::output::refuse_input;
use crate::replace;
use crate::spec::{Spec, is_stdin};
use crate::weights::Weights;

/// How a module starts that this command wrote, so that it may replace it.
const MARK: &str = "// Written by `nn export`";

impl Export {
    /// Writes the module and its weights, and prints how to use them.
    pub(super) fn rust(&self) -> Result<(), Error> {
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
