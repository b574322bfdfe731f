//! A spec: read from its file and compiled, with all that the compiler has to say printed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use nn_compiler::diagnostic::{Diagnostic, Level, render};
use nn_compiler::model::{Data, Loss, Train};
use nn_compiler::pipeline::{self, Compiled};
use nn_compiler::syntax;

use crate::console;
use crate::error::Error;

/// A spec without errors.
pub struct Spec {
    /// Its file.
    pub path: PathBuf,
    /// What became of it.
    pub compiled: Compiled,
}

impl Spec {
    /// Reads and compiles a file; errors and warnings are printed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = read_bytes(path)?;
        let text = match syntax::text_of(&bytes) {
            Ok(text) => text,
            Err(diagnostic) => {
                let valid = &bytes[..diagnostic.span.start];
                show(&[*diagnostic], path, &String::from_utf8_lossy(valid));
                return Err(Error::Spec { path: path.to_owned(), errors: 1 });
            }
        };
        let outcome = pipeline::compile(text);
        show(&outcome.diagnostics, path, text);
        let errors = outcome.diagnostics.iter().filter(|found| found.level == Level::Error).count();
        match outcome.compiled {
            Some(compiled) => Ok(Self { path: path.to_owned(), compiled }),
            None => Err(Error::Spec { path: path.to_owned(), errors }),
        }
    }

    /// The network's name.
    pub fn name(&self) -> &str {
        &self.compiled.model.name
    }

    /// The file's name without its extension.
    pub fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Where paths in the spec start from.
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Where the weights of the network are looked for, unless it is said otherwise.
    pub fn weights(&self) -> PathBuf {
        format!("{}.safetensors", self.stem()).into()
    }

    /// How it is trained.
    pub fn train(&self) -> Result<&Train, Error> {
        let train = self.compiled.model.train.as_ref();
        train.ok_or_else(|| Error::NoTrain { path: self.path.clone() })
    }

    /// Where its examples are.
    pub fn data(&self) -> Result<&Data, Error> {
        let data = self.compiled.model.data.as_ref();
        data.ok_or_else(|| Error::NoData { path: self.path.clone() })
    }

    /// How many numbers a row of all inputs holds.
    pub fn input_width(&self) -> usize {
        let model = &self.compiled.model;
        model.inputs.iter().map(|id| self.compiled.shapes.of(*id).len()).sum()
    }

    /// The outputs, each with how many numbers it holds.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, usize)> {
        let model = &self.compiled.model;
        let output = |id| (model.value(id).label.as_str(), self.compiled.shapes.of(id).len());
        model.outputs.iter().copied().map(output)
    }

    /// How many numbers the output of the loss holds: so many classes, or targets.
    pub fn loss_width(&self) -> Option<usize> {
        let losses = &self.compiled.model.train.as_ref()?.losses;
        Some(losses.iter().map(|term| self.compiled.shapes.of(term.output).len()).sum())
    }

    /// Whether its targets are classes.
    pub fn wants_classes(&self) -> bool {
        let wants = |train: &Train| train.losses.iter().any(|term| Loss::wants_classes(term.loss));
        self.compiled.model.train.as_ref().is_some_and(wants)
    }
}

/// The file, but not more of it than shows that it is too long.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let limit = syntax::MAX_BYTES as u64 + 1;
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    Ok(bytes)
}

fn show(diagnostics: &[Diagnostic], path: &Path, text: &str) {
    let file = path.display().to_string();
    let colors = console::has_colors();
    for diagnostic in diagnostics {
        console::print_error(&format!("{}\n\n", render::render(diagnostic, &file, text, colors).trim_end()));
    }
}
