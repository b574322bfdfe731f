//! `nn import SPEC STATE`: makes weights of a state dictionary of PyTorch, and shows what went
//! where.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use nn_compiler::weights::state_dict::{Assignment, By, Request, StateDict, assign};
use nn_compiler::weights::{Stored, to_bytes};

use crate::console;
use crate::error::Error;
use crate::output::Output;
use crate::replace;
use crate::spec::Spec;
use crate::wording::counted;

/// The arguments of `nn import`.
#[derive(Args)]
pub struct Import {
    /// The spec of the network, a `.nn` file
    spec: PathBuf,
    /// The state dictionary, a safetensors file
    state: PathBuf,
    /// The file for the weights [default: next to the spec, with the extension .safetensors]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How modules are found for layers [default: by name, else by shapes that leave no choice]
    #[arg(long)]
    by: Option<Way>,
    /// The module for a layer, such as digit.0=fc1; may be given several times
    #[arg(long, value_name = "LAYER=MODULE", value_parser = pair)]
    map: Vec<(String, String)>,
}

/// How modules are found.
#[derive(Clone, Copy, ValueEnum)]
enum Way {
    /// By the names of the values in the spec
    Name,
    /// By their shapes; those of the same shapes in the order of their names
    Order,
}

impl Import {
    /// Writes the weights, and prints where each tensor went.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let output = self.output(&spec)?;
        let bytes = fs::read(&self.state).map_err(|source| Error::Read { path: self.state.clone(), source })?;
        let dict = self.state_dict(&bytes)?;
        let refuse = |mistakes| Error::Import { state: self.state.clone(), network: spec.name().to_owned(), mistakes };
        let assignment = assign(&spec.compiled, &dict, &self.request()).map_err(refuse)?;
        let [target, ..] = &output.files[..] else { return Ok(()) };
        replace::write(target, &to_bytes(&spec.compiled, &assignment.values))?;
        console::print(&self.report(&dict, &assignment, &output.named))?;
        if let Some((changed, worst)) = assignment.loss() {
            let numbers = counted(changed, "number");
            console::note(&format!(
                "{numbers} of F64 became another number of f32, with a relative difference of at most {worst:.1e}"
            ));
        }
        Ok(())
    }

    /// The file for the weights, which is not one of those that are read.
    fn output(&self, spec: &Spec) -> Result<Output, Error> {
        let named = self.out.clone().map_or_else(|| spec.weights("--out"), Ok)?;
        let numbers = spec.compiled.tensors.all.iter().map(|tensor| tensor.len()).sum();
        Output::new(named, &[self.spec.clone(), self.state.clone()], numbers)
    }

    fn state_dict(&self, bytes: &[u8]) -> Result<StateDict, Error> {
        if let Some(kind) = other_kind(bytes, self.state.extension()) {
            return Err(Error::OtherState { path: self.state.clone(), remedy: kind.remedy(&self.state) });
        }
        let invalid = |mistakes| Error::InvalidState { path: self.state.clone(), mistakes };
        let stored = Stored::parse(bytes).map_err(|reason| match named_kind(self.state.extension()) {
            Some(kind) => Error::NoState { path: self.state.clone(), reason, remedy: kind.remedy(&self.state) },
            None => invalid(vec![reason]),
        })?;
        StateDict::read(&stored).map_err(invalid)
    }

    fn request(&self) -> Request {
        let by = self.by.map(|way| match way {
            Way::Name => By::Name,
            Way::Order => By::Order,
        });
        Request { by, named: self.map.clone() }
    }

    fn report(&self, dict: &StateDict, assignment: &Assignment, written: &Path) -> String {
        let tensors = counted(dict.sources.len() + dict.counters.len(), "tensor");
        let (state, table) = (self.state.display(), assignment.report(dict));
        format!("{tensors} of {state}, {}:\n\n{table}\nthe weights are in {}\n", assignment.by, written.display())
    }
}

/// `LAYER=MODULE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((layer, module)) if !layer.is_empty() => Ok((layer.trim().to_owned(), module.trim().to_owned())),
        _ => Err("expected a layer and a module, such as digit.0=fc1".to_owned()),
    }
}

/// A file of weights that is not safetensors.
#[derive(Clone, Copy, PartialEq, Debug)]
enum OtherKind {
    /// A pickle, alone or in an archive: what `torch.save` writes.
    PyTorch,
    /// Arrays of NumPy.
    Npz,
    /// What Keras writes.
    Hdf5,
}

/// What a file is instead of safetensors, by its first bytes.
fn other_kind(bytes: &[u8], extension: Option<&OsStr>) -> Option<OtherKind> {
    let is_npz = extension.is_some_and(|extension| extension == "npz");
    match bytes {
        [b'P', b'K', 3, 4, ..] if is_npz => Some(OtherKind::Npz),
        [b'P', b'K', 3, 4, ..] | [0x80, 2..=5, b'}' | b']' | b'c' | 0x8a | 0x95, ..] => Some(OtherKind::PyTorch),
        [0x89, b'H', b'D', b'F', ..] => Some(OtherKind::Hdf5),
        _ => None,
    }
}

/// What a file should be by its name, whatever its bytes are.
fn named_kind(extension: Option<&OsStr>) -> Option<OtherKind> {
    match extension?.to_str()? {
        "pt" | "pth" | "ckpt" | "bin" => Some(OtherKind::PyTorch),
        "npz" => Some(OtherKind::Npz),
        "h5" | "hdf5" | "keras" => Some(OtherKind::Hdf5),
        _ => None,
    }
}

/// A path as a string of Python.
fn python(path: &Path) -> String {
    let mut text = String::from("\"");
    for letter in path.to_string_lossy().chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            control if control.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(control))),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

impl OtherKind {
    /// What it is, and the lines of Python that convert it.
    fn remedy(self, path: &Path) -> String {
        let (from, to) = (python(path), python(&path.with_extension("safetensors")));
        match self {
            Self::PyTorch => format!(
                "a file of `torch.save`, which is read by running what is in it; convert it in Python:\n\n    \
                 import torch\n    \
                 from safetensors.torch import save_file\n    \
                 state = torch.load({from}, map_location=\"cpu\", weights_only=True)\n    \
                 save_file({{name: tensor.clone() for name, tensor in state.items()}}, {to})\n\n\
                 if it is a checkpoint, its state dictionary may be `state[\"state_dict\"]` or `state[\"model\"]`"
            ),
            Self::Npz => format!(
                "a file of NumPy arrays; convert it in Python:\n\n    \
                 import numpy\n    \
                 from safetensors.numpy import save_file\n    \
                 save_file(dict(numpy.load({from})), {to})"
            ),
            Self::Hdf5 => {
                "an HDF5 file, such as Keras writes; only state dictionaries of PyTorch can be imported".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_files_are_recognized_by_their_first_bytes() {
        let kind = |bytes: &[u8], name: &str| other_kind(bytes, Path::new(name).extension());
        assert_eq!(kind(b"PK\x03\x04", "model.pt"), Some(OtherKind::PyTorch));
        assert_eq!(kind(b"\x80\x02}q\0", "model.pth"), Some(OtherKind::PyTorch));
        assert_eq!(kind(b"PK\x03\x04", "model.npz"), Some(OtherKind::Npz));
        assert_eq!(kind(b"\x89HDF\r\n", "model.h5"), Some(OtherKind::Hdf5));
        // A header of 640 bytes.
        assert_eq!(kind(b"\x80\x02\0\0\0\0\0\0{", "model.pt"), None);
    }

    #[test]
    fn any_name_of_a_file_is_a_string_of_python() {
        let strings = [("a/b.pt", "\"a/b.pt\""), ("é \"b\".pt", r#""é \"b\".pt""#), ("c\\\n'.pt", r#""c\\\x0a'.pt""#)];
        for (path, expected) in strings {
            assert_eq!(python(Path::new(path)), expected);
        }
        let remedy = OtherKind::Npz.remedy(Path::new("a\".npz"));
        assert!(remedy.ends_with(r#"save_file(dict(numpy.load("a\".npz")), "a\".safetensors")"#), "{remedy}");
    }

    #[test]
    fn a_pair_has_a_layer_and_a_module() {
        assert_eq!(pair("y.0=net.fc1"), Ok(("y.0".to_owned(), "net.fc1".to_owned())));
        assert_eq!(pair("y="), Ok(("y".to_owned(), String::new())));
        assert!(pair("y.0").is_err() && pair("=fc1").is_err());
    }
}
