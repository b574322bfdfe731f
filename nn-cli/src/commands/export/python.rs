//! `nn export --to pytorch` and `--to keras`: a Python file with the model and its training.

use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use nn_onnx::python::{self, Refusal, Request};
use nn_onnx::{keras, pytorch};

use super::{Export, file_name, identifier};
use crate::console;
use crate::error::Error;
use crate::output::refuse_input;
use crate::replace;
use crate::spec::{Spec, is_stdin};
use crate::weights::Weights;

/// What a Python file holds that this command wrote, so that it may replace it.
const MARK: &str = "Written by `nn export`";

/// A framework.
struct Framework {
    /// In the names of files.
    word: &'static str,
    /// In messages.
    name: &'static str,
    /// The packages that a file needs.
    packages: &'static str,
    export: fn(&Request) -> Result<python::Export, Refusal>,
}

/// PyTorch.
const PYTORCH: Framework =
    Framework { word: "pytorch", name: "PyTorch", packages: "torch safetensors", export: pytorch::export };

/// Keras 3.
const KERAS: Framework =
    Framework { word: "keras", name: "Keras", packages: "keras torch safetensors", export: keras::export };

impl Export {
    /// Writes the Python file of PyTorch and what belongs to it, and prints how to use it.
    pub(super) fn pytorch(&self) -> Result<(), Error> {
        self.python(&PYTORCH)
    }

    /// The same for Keras 3.
    pub(super) fn keras(&self) -> Result<(), Error> {
        self.python(&KERAS)
    }

    /// Writes the file, its weights and its numbers, and prints how to use them.
    fn python(&self, framework: &Framework) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let weights = self.state_of(&spec)?;
        let state = weights.as_ref().map(|weights| weights.state(&spec)).transpose()?;
        let file = self.python_file(&spec)?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let exported = (framework.export)(&Request {
            compiled: &spec.compiled,
            spec: &file_name(&self.spec),
            stem: &stem,
            version: env!("CARGO_PKG_VERSION"),
            weights: state.as_ref(),
            golden: self.golden,
        });
        let refuse = |refusal: Refusal| Error::NotExported {
            path: spec.path.clone(),
            framework: framework.name,
            reason: refusal.to_string(),
        };
        let exported = exported.map_err(refuse)?;
        let beside = |end: &str| file.with_file_name(format!("{stem}.{}{end}.safetensors", framework.word));
        let files = [(exported.weights, beside("")), (exported.golden, beside(".golden"))];
        let files: Vec<(Vec<u8>, PathBuf)> =
            files.into_iter().filter_map(|(bytes, path)| Some((bytes?, path))).collect();
        let paths = files.iter().map(|(_, path)| path.as_path());
        self.refuse_inputs_of_python(paths.clone().chain([file.as_path()]))?;
        if !self.force {
            refuse_foreign(&file, paths.clone())?;
        }
        let bytes = files.iter().map(|(bytes, path)| (path.as_path(), &bytes[..]));
        replace::write_all(&bytes.chain([(file.as_path(), exported.code.as_bytes())]).collect::<Vec<_>>())?;
        console::print(&usage(&spec, framework, &file, &files, weights.as_ref(), self.golden))
    }

    /// The weights that are named, or those next to the spec if they are there.
    fn state_of(&self, spec: &Spec) -> Result<Option<Weights>, Error> {
        match &self.weights {
            Some(path) => Weights::find(spec, Some(path)).map(Some),
            None if is_stdin(&self.spec) => Ok(None),
            None if !spec.weights("--weights")?.exists() => Ok(None),
            None => Weights::find(spec, None).map(Some),
        }
    }

    /// The path of the Python file.
    fn python_file(&self, spec: &Spec) -> Result<PathBuf, Error> {
        let is_python = |path: &Path| path.extension().is_some_and(|extension| extension == "py");
        let name = format!("{}.py", identifier(&spec.path));
        let path = match &self.out {
            Some(file) if is_python(file) => file.clone(),
            Some(folder) if folder.is_dir() => folder.join(name),
            Some(other) => return Err(Error::NotAPythonFile { path: other.clone() }),
            None if is_stdin(&self.spec) => return Err(Error::NoDefaultModule),
            None => spec.path.with_file_name(name),
        };
        Ok(path)
    }

    /// Refuses devices and folders, and files that this command reads, before anything is written.
    fn refuse_inputs_of_python<'p>(&self, paths: impl Iterator<Item = &'p Path>) -> Result<(), Error> {
        let inputs: Vec<PathBuf> = iter::once(&self.spec).chain(&self.weights).cloned().collect();
        for path in paths {
            let refused = replace::target(path).and_then(|target| refuse_input(&target, &inputs));
            refused.map_err(|source| Error::Write { path: path.to_owned(), source })?;
        }
        Ok(())
    }
}

/// Refuses to replace a file that this command did not write, or files beside it that do not belong to such a file.
fn refuse_foreign<'p>(file: &'p Path, beside: impl Iterator<Item = &'p Path>) -> Result<(), Error> {
    let is_ours = fs::read_to_string(file).is_ok_and(|text| text.lines().take(9).any(|line| line.starts_with(MARK)));
    let exist = beside.filter(|path| path.exists());
    match [file].into_iter().filter(|file| file.exists()).chain(exist).next() {
        Some(path) if !is_ours => Err(Error::NotOurs { path: path.to_owned() }),
        Some(_) | None => Ok(()),
    }
}

/// What was written, and how to use it.
fn usage(
    spec: &Spec,
    framework: &Framework,
    file: &Path,
    files: &[(Vec<u8>, PathBuf)],
    weights: Option<&Weights>,
    has_golden: bool,
) -> String {
    let mut text = format!("`{}` for {} is in {}\n", spec.name(), framework.name, file.display());
    let mut paths = files.iter().map(|(_, path)| path.display());
    if let (Some(weights), Some(path)) = (weights, weights.and_then(|_| paths.next())) {
        text += &format!("the weights of {} are in {path}\n", weights.path.display());
    }
    if let Some(path) = paths.next().filter(|_| has_golden) {
        let check = format!("    python {} --check\n", file.display());
        text += &format!("numbers to compare it with are in {path}:\n\n{check}");
    }
    text + &format!("\nit needs these packages: {}\n", framework.packages)
}
