//! `nn import MODEL`: makes a spec and weights of an ONNX model.

use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::weights::to_bytes;
use nn_onnx::{Import, import};

use super::{check, external};
use crate::console;
use crate::error::Error;
use crate::output::Output;
use crate::program::TargetDir;
use crate::replace;
use crate::spec::Spec;
use crate::wording::counted;

/// An import of a model.
pub struct Onnx<'a> {
    /// The model.
    pub model: &'a Path,
    /// The file for the spec.
    pub out: Option<&'a Path>,
    /// What to compare with.
    pub check: Option<&'a Path>,
    /// Whether a spec that exists is replaced.
    pub force: bool,
    /// Where the network is compiled to be compared.
    pub target: &'a TargetDir,
}

impl Onnx<'_> {
    /// Writes the spec and the weights, and prints what was done. With `--check`, only if the
    /// network computes what it should.
    pub fn import(&self) -> Result<(), Error> {
        let imported = self.read()?;
        let text = imported.compiled.text.clone();
        let path = self.out.map_or_else(|| self.model.with_extension("nn"), Path::to_owned);
        let spec_file = self.spec_file(&path, &text)?;
        let numbers = imported.compiled.tensors.all.iter().map(|tensor| tensor.len()).sum();
        let output = Output::new(path.with_extension("safetensors"), &[self.model.to_owned()], numbers)?;
        let weights = to_bytes(&imported.compiled, &imported.values);
        let mut report = self.report(&imported, numbers);
        let Import { compiled, inputs, outputs, .. } = imported;
        let spec = Spec { path: path.clone(), compiled };
        if let Some(arrays) = self.check {
            let checked = check::check(&spec, &weights, [&inputs, &outputs], arrays, self.target)?;
            report += &format!("{checked}\n");
        }
        let [target, ..] = &output.files[..] else { return Ok(()) };
        replace::write_all(&[(target, &weights), (&spec_file, text.as_bytes())])?;
        console::print(&format!(
            "{report}the spec is in {}, the weights are in {}\n",
            path.display(),
            output.named.display()
        ))
    }

    fn read(&self) -> Result<Import, Error> {
        let path = || self.model.to_owned();
        let bytes = fs::read(self.model).map_err(|source| Error::Read { path: path(), source })?;
        let name = self.out.unwrap_or(self.model).file_stem().unwrap_or_default().to_string_lossy();
        let folder = self.model.parent().unwrap_or(Path::new(""));
        import(&bytes, &name, &|part| external::read(folder, part)).map_err(|error| match error {
            nn_onnx::Error::Invalid(reason) => Error::InvalidModel { path: path(), reason },
            nn_onnx::Error::Refused(refusals) => {
                let refusals = refusals.iter().map(ToString::to_string).collect();
                Error::RefusedModel { path: path(), refusals }
            }
            nn_onnx::Error::Spec { text, reason } => Error::ImportedSpec { path: path(), reason, spec: text },
        })
    }

    /// The file for the spec, after following links. It does not exist, or it has this text, or
    /// `--force` is given.
    fn spec_file(&self, path: &Path, text: &str) -> Result<PathBuf, Error> {
        let file = replace::target(path).map_err(|source| Error::Write { path: path.to_owned(), source })?;
        let is_other = file.exists() && fs::read(&file).ok().as_deref() != Some(text.as_bytes());
        if is_other && !self.force { Err(Error::SpecExists { path: path.to_owned() }) } else { Ok(file) }
    }

    /// What was imported.
    fn report(&self, imported: &Import, numbers: usize) -> String {
        let (tensors, numbers) = (counted(imported.values.len(), "tensor"), counted(numbers, "number"));
        let mut report = format!("{} ({}): {tensors}, {numbers}\n", self.model.display(), imported.origin);
        imported.notes.iter().for_each(|note| report += &format!("- {note}\n"));
        report
    }
}
