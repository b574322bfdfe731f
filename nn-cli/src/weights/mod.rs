//! Trained weights: read, checked against the spec, with the metadata about the data of the
//! training.
//!
//! Every command reads weights here, so all commands refuse the same files: corrupt files, weights
//! of another network or of other columns, and metadata that contradicts the network. All
//! differences are listed at once.

mod columns;
mod metadata;
mod split;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use nn_compiler::codegen::Trained;
use nn_compiler::interp::State;
use nn_compiler::weights::Stored;
use nn_data::Encoding;
use tempfile::NamedTempFile;

use crate::console;
use crate::error::{Error, in_full};
use crate::examples::{Examples, Parts};
use crate::spec::Spec;

use columns::Names;
use metadata::Metadata;
use split::SplitRecord;
pub use split::TrainedRows;

/// A file of weights that fits the network of a spec.
pub struct Weights {
    /// A file that can be opened again.
    pub path: PathBuf,
    /// Its name in messages.
    name: PathBuf,
    bytes: Vec<u8>,
    metadata: Metadata,
    names: Names,
    split: Option<SplitRecord>,
    /// A copy of weights from a pipe, which the network's program can read.
    _copy: Option<NamedTempFile>,
}

/// The metadata of weights that are trained on this data.
pub fn metadata(examples: &Examples, parts: &Parts, seed: u64) -> Metadata {
    let mut metadata = examples.table.encoding.to_metadata();
    metadata.extend(SplitRecord::new(examples, parts, seed).to_metadata());
    metadata
}

impl Weights {
    /// Reads the weights at `path`, or in the default file of the spec, and checks that they fit
    /// the network.
    pub fn find(spec: &Spec, path: Option<&Path>) -> Result<Self, Error> {
        let name = path.map_or_else(|| spec.weights("--weights"), |path| Ok(path.to_owned()))?;
        let bytes = read(&name, spec, path.is_some())?;
        let refuse = |reason: String| Error::Weights { path: name.clone(), spec: spec.path.clone(), reason };
        let stored = Stored::parse(&bytes).map_err(refuse)?;
        let metadata = stored.metadata();
        let mut differences = stored.differences(&spec.compiled);
        let names = columns::names(spec, &metadata, &mut differences);
        let split = split::read(&metadata, &mut differences);
        mismatch(spec, &name, &differences)?;
        if let Some(number) = stored.non_finite(&spec.compiled) {
            return Err(refuse(number));
        }
        let copy = copy_of_a_pipe(&name, &bytes)?;
        let path = copy.as_ref().map_or(&name, |copy| &copy.0).clone();
        Ok(Self { path, name, bytes, metadata, names, split, _copy: copy.map(|copy| copy.1) })
    }

    /// Reads the data of the spec with the encoding of the training. `folder` replaces the spec's
    /// folder of files.
    pub fn examples(&self, spec: &Spec, folder: Option<&Path>) -> Result<Examples, Error> {
        match &self.names {
            Names::Known(encoding) => Examples::load(spec, folder, Some(encoding)),
            Names::Incomplete { what, .. } => {
                let examples = Examples::load(spec, folder, None)?;
                self.take_names(spec, what, &examples.table.encoding)?;
                Ok(examples)
            }
        }
    }

    /// How rows become numbers. Names that the file lacks are taken from the data of the spec.
    pub fn encoding(&self, spec: &Spec, folder: Option<&Path>) -> Result<Encoding, Error> {
        match &self.names {
            Names::Known(encoding) => {
                if let Some(what) = columns::nameless_classes(spec, encoding) {
                    console::note(&format!("{} does not name {what}", self.name.display()));
                }
                Ok(encoding.clone())
            }
            Names::Incomplete { what, .. } => {
                let examples = Examples::load(spec, folder, None).map_err(|error| Error::NamesMissing {
                    path: self.name.clone(),
                    spec: spec.path.clone(),
                    what: what.clone(),
                    reason: in_full(&error),
                })?;
                self.take_names(spec, what, &examples.table.encoding)?;
                Ok(examples.table.encoding)
            }
        }
    }

    /// How inputs become numbers. Classes without names are numbered.
    pub fn input_encoding(&self, spec: &Spec, folder: Option<&Path>) -> Result<Encoding, Error> {
        match (self.encoding(spec, folder), &self.names) {
            (Err(error @ Error::NamesMissing { .. }), Names::Incomplete { without_classes: Some(encoding), .. }) => {
                console::note(&format!("{error}\nclasses are shown by number"));
                Ok(encoding.clone())
            }
            (encoding, _) => encoding,
        }
    }

    /// Takes names from the data of the spec, unless the file contradicts them.
    fn take_names(&self, spec: &Spec, what: &str, encoding: &Encoding) -> Result<(), Error> {
        mismatch(spec, &self.name, &columns::contradictions(&self.metadata, encoding))?;
        let (name, spec) = (self.name.display(), spec.path.display());
        console::note(&format!("{name} does not name {what}; using the names in the data of {spec}"));
        Ok(())
    }

    /// The rows of the training, if this is its data.
    pub fn parts<'a>(&self, examples: &'a Examples) -> Result<TrainedRows<'a>, Error> {
        match &self.split {
            Some(split) => split.parts(examples),
            None => {
                Ok(TrainedRows::Unknown(format!("{} does not say which rows it was trained on", self.name.display())))
            }
        }
    }

    /// Whether no rows are known to have been held back.
    pub fn holds_nothing_back(&self) -> bool {
        self.split.as_ref().is_none_or(SplitRecord::holds_nothing_back)
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The weights for a module of Rust, with a copy of them in a file beside it.
    pub fn trained(&self, spec: &Spec, beside: &str) -> Result<Trained, Error> {
        let stored = self.stored(spec)?;
        let name = self.name.file_name().unwrap_or_default().to_string_lossy();
        Ok(Trained::beside(&name, beside, stored.header(), stored.starts(&spec.compiled)))
    }

    /// The tensors for the interpreter.
    pub fn state(&self, spec: &Spec) -> Result<State, Error> {
        let refuse = |reason| Error::Weights { path: self.name.clone(), spec: spec.path.clone(), reason };
        let stored = self.stored(spec)?;
        let tensors = &spec.compiled.tensors;
        let mut state = State::new(tensors);
        for tensor in &tensors.all {
            let numbers: Vec<f64> = stored.numbers(&tensor.name).map(f64::from).collect();
            if !state.set(tensors, &tensor.name, &numbers) {
                return Err(refuse(format!("it has no tensor `{}` of shape {:?}", tensor.name, tensor.shape)));
            }
        }
        Ok(state)
    }

    fn stored(&self, spec: &Spec) -> Result<Stored<'_>, Error> {
        let refuse = |reason| Error::Weights { path: self.name.clone(), spec: spec.path.clone(), reason };
        Stored::parse(&self.bytes).map_err(refuse)
    }
}

/// Reads a file that may not exist.
fn read(path: &Path, spec: &Spec, is_named: bool) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => Error::NoWeights { path: path.to_owned(), spec: spec.path.clone(), is_named },
        _ => Error::Read { path: path.to_owned(), source },
    })
}

/// An error if the file differs from the spec.
fn mismatch(spec: &Spec, path: &Path, differences: &[String]) -> Result<(), Error> {
    if differences.is_empty() {
        return Ok(());
    }
    let lines: String = differences.iter().map(|difference| format!("\n  {difference}")).collect();
    let message = format!("{} does not fit the network {}:{lines}", path.display(), spec.name());
    Err(Error::Mismatch { message, spec: spec.path.clone() })
}

/// Copies the bytes to a temporary file if they came from a pipe.
fn copy_of_a_pipe(path: &Path, bytes: &[u8]) -> Result<Option<(PathBuf, NamedTempFile)>, Error> {
    if path.is_file() {
        return Ok(None);
    }
    let refuse = |source| Error::Write { path: std::env::temp_dir(), source };
    let mut copy = NamedTempFile::new().map_err(refuse)?;
    copy.write_all(bytes).map_err(refuse)?;
    Ok(Some((copy.path().to_owned(), copy)))
}
