//! Reads and compiles specs, and prints the diagnostics.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use nn_compiler::diagnostic::{Diagnostic, Level, render};
use nn_compiler::model::{Data, DataSource, Target, Train};
use nn_compiler::syntax;
use nn_compiler::{Compiled, Outcome};

use crate::console;
use crate::error::Error;

/// The name of the standard input in messages.
pub const STDIN: &str = "<stdin>";

/// The text of a spec and the result of compiling it.
pub struct SpecFile {
    /// The file.
    pub path: PathBuf,
    /// The text, up to the first byte that is not UTF-8.
    pub text: String,
    /// Whether the whole file is text.
    pub is_text: bool,
    /// The diagnostics.
    pub diagnostics: Vec<Diagnostic>,
    /// How many more diagnostics there are.
    pub hidden: usize,
    /// The spec, if it has no errors.
    pub spec: Option<Spec>,
}

impl SpecFile {
    /// Reads and compiles a file; `-` is the standard input.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_bytes(path)?;
        let path = if is_stdin(path) { PathBuf::from(STDIN) } else { path.to_owned() };
        Ok(match syntax::text_of(&bytes) {
            Ok(text) => Self::compile(path, text.to_owned()),
            Err(diagnostic) => {
                let text = String::from_utf8_lossy(&bytes[..diagnostic.span.start]).into_owned();
                Self { path, text, is_text: false, diagnostics: vec![*diagnostic], hidden: 0, spec: None }
            }
        })
    }

    /// Compiles a text as if it were in a file.
    pub fn compile(path: PathBuf, text: String) -> Self {
        let Outcome { compiled, diagnostics, hidden, .. } = nn_compiler::compile(&text);
        let spec = compiled.map(|compiled| Spec { path: path.clone(), compiled });
        Self { path, text, is_text: true, diagnostics, hidden, spec }
    }

    /// Prints the diagnostics.
    pub fn show(&self) {
        show(&self.diagnostics, &self.path, &self.text);
        if self.hidden > 0 {
            console::print_error(&format!("… and {} more\n\n", self.hidden));
        }
    }

    /// The number of errors or warnings.
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|found| found.level == level).count()
    }

    /// The spec, if it has no errors.
    pub fn into_spec(self) -> Result<Spec, Error> {
        let errors = self.count(Level::Error);
        self.spec.ok_or(Error::Spec { path: self.path, errors })
    }
}

/// Whether a path means the standard input.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// A spec without errors.
pub struct Spec {
    /// The file.
    pub path: PathBuf,
    /// The compiled spec.
    pub compiled: Compiled,
}

impl Spec {
    /// Reads and compiles a file; errors and warnings are printed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let file = SpecFile::read(path)?;
        file.show();
        file.into_spec()
    }

    /// The network's name.
    pub fn name(&self) -> &str {
        &self.compiled.model.name
    }

    /// The folder that paths in the spec are relative to.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// The default file for the weights, next to the spec. `option` is the option that names
    /// another file.
    pub fn weights(&self, option: &'static str) -> Result<PathBuf, Error> {
        if self.path == Path::new(STDIN) {
            return Err(Error::NoDefaultWeights { option });
        }
        Ok(self.path.with_extension("safetensors"))
    }

    /// The settings of the training.
    pub fn train(&self) -> Result<&Train, Error> {
        let train = self.compiled.model.train.as_ref();
        match train {
            Some(train) if train.has_loss() => Ok(train),
            Some(_) => Err(Error::NoLoss { path: self.path.clone() }),
            None => Err(Error::NoTrain { path: self.path.clone() }),
        }
    }

    /// The settings of the data.
    pub fn data(&self) -> Result<&Data, Error> {
        self.compiled.model.data.as_ref().ok_or_else(|| self.without_data())
    }

    /// The column of the weights of the rows, if there is one.
    pub fn weights_column(&self) -> Option<&str> {
        match &self.compiled.model.data.as_ref()?.source {
            DataSource::Csv { weights, .. } => weights.as_ref().map(|(column, _)| column.as_str()),
            DataSource::Inline(_) | DataSource::Arrays(_) | DataSource::Images(_) => None,
        }
    }

    /// The error for a spec without `data`.
    pub fn without_data(&self) -> Error {
        Error::NoData { path: self.path.clone() }
    }

    /// How many numbers a row of all inputs has.
    pub fn input_width(&self) -> usize {
        let model = &self.compiled.model;
        model.inputs.iter().map(|id| self.compiled.shapes.of(*id).len()).sum()
    }

    /// The outputs, each with its number of elements.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, usize)> {
        let model = &self.compiled.model;
        let widths = model.outputs.iter().map(|id| self.compiled.shapes.of(*id).len());
        model.output_names.iter().map(String::as_str).zip(widths)
    }

    /// The targets, each with the number of elements of its output. There are none if the network
    /// is not trained.
    pub fn targets(&self) -> impl Iterator<Item = (&Target, usize)> {
        let targets = self.compiled.model.train.iter().flat_map(|train| &train.targets);
        targets.map(|target| (target, self.compiled.shapes.of(target.output).len()))
    }
}

/// Reads the file, up to one byte more than the longest spec.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let limit = syntax::MAX_BYTES as u64 + 1;
    let read = match is_stdin(path) {
        true => io::stdin().lock().take(limit).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    read.map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Ok(bytes)
}

/// Prints errors and warnings.
pub fn show(diagnostics: &[Diagnostic], path: &Path, text: &str) {
    let file = path.display().to_string();
    let colors = console::has_colors();
    for diagnostic in diagnostics {
        console::print_error(&format!("{}\n\n", render::render(diagnostic, &file, text, colors).trim_end()));
    }
}
