//! `nn import SPEC STATE`: makes weights of a state dictionary of PyTorch, and shows what went
//! where.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use nn_compiler::weights::state_dict::{Assignment, Request, StateDict, assign};
use nn_compiler::weights::{Stored, to_bytes};

use crate::console;
use crate::error::Error;
use crate::output::Output;
use crate::replace;
use crate::spec::Spec;
use crate::wording::counted;

/// Writes the weights to `out`, by default next to the spec, and prints where each tensor went.
pub fn import(spec: &Path, state: &Path, out: Option<PathBuf>, request: &Request) -> Result<(), Error> {
    let compiled = Spec::read(spec)?;
    let named = out.map_or_else(|| compiled.weights("--out"), Ok)?;
    let numbers = compiled.compiled.tensors.all.iter().map(|tensor| tensor.len()).sum();
    // The file for the weights is not one of those that are read.
    let output = Output::new(named, &[spec.to_owned(), state.to_owned()], numbers)?;
    let bytes = fs::read(state).map_err(|source| Error::Read { path: state.to_owned(), source })?;
    let dict = state_dict(state, &bytes)?;
    let refuse = |mistakes| Error::Import { state: state.to_owned(), network: compiled.name().to_owned(), mistakes };
    let assignment = assign(&compiled.compiled, &dict, request).map_err(refuse)?;
    let [target, ..] = &output.files[..] else { return Ok(()) };
    replace::write(target, &to_bytes(&compiled.compiled, &assignment.values))?;
    console::print(&report(state, &dict, &assignment, &output.named))?;
    if let Some((changed, worst)) = assignment.loss() {
        let numbers = counted(changed, "number");
        console::note(&format!(
            "{numbers} of F64 became another number of f32, with a relative difference of at most {worst:.1e}"
        ));
    }
    Ok(())
}

fn state_dict(path: &Path, bytes: &[u8]) -> Result<StateDict, Error> {
    if let Some(kind) = other_kind(bytes, path.extension()) {
        return Err(Error::OtherState { path: path.to_owned(), remedy: kind.remedy(path) });
    }
    let invalid = |mistakes| Error::InvalidState { path: path.to_owned(), mistakes };
    let stored = Stored::parse(bytes).map_err(|reason| match named_kind(path.extension()) {
        Some(kind) => Error::NoState { path: path.to_owned(), reason, remedy: kind.remedy(path) },
        None => invalid(vec![reason]),
    })?;
    StateDict::read(&stored).map_err(invalid)
}

fn report(state: &Path, dict: &StateDict, assignment: &Assignment, written: &Path) -> String {
    let tensors = counted(dict.sources.len() + dict.counters.len(), "tensor");
    let (state, table) = (state.display(), assignment.report(dict));
    format!("{tensors} of {state}, {}:\n\n{table}\nthe weights are in {}\n", assignment.by, written.display())
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
    fn any_name_of_a_file_is_a_string_of_python() {
        let strings = [("a/b.pt", "\"a/b.pt\""), ("é \"b\".pt", r#""é \"b\".pt""#), ("c\\\n'.pt", r#""c\\\x0a'.pt""#)];
        for (path, expected) in strings {
            assert_eq!(python(Path::new(path)), expected);
        }
        let remedy = OtherKind::Npz.remedy(Path::new("a\".npz"));
        assert!(remedy.ends_with(r#"save_file(dict(numpy.load("a\".npz")), "a\".safetensors")"#), "{remedy}");
    }

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
}
