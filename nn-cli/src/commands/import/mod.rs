//! `nn import`: makes specs and weights of what other frameworks write.
//!
//! `nn import MODEL` takes an ONNX model, `nn import SPEC STATE` a state dictionary of PyTorch.

mod check;
mod external;
mod onnx;
mod state;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nn_compiler::weights::state_dict::{By, Request};
use onnx::Onnx;

use crate::error::Error;
use crate::program::TargetDir;

/// The arguments of `nn import`.
#[derive(Args)]
pub struct Import {
    /// An ONNX model, a `.onnx` file, which becomes a spec and weights; or the spec that a state
    /// dictionary is for
    #[arg(value_name = "MODEL|SPEC")]
    model: PathBuf,
    /// The state dictionary of PyTorch, a safetensors file
    state: Option<PathBuf>,
    /// The file that is written: of a model, the spec, with the weights next to it; of a state
    /// dictionary, the weights [default: next to the model or the spec]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Inputs of the model and what it computes of them, to compare with what the imported network
    /// computes: arrays with the names of inputs and outputs (`.npz`), or a folder of ONNX such as
    /// test_data_set_0
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    check: Option<PathBuf>,
    /// Replace a spec that exists
    #[arg(long, conflicts_with = "state")]
    force: bool,
    /// How modules of a state dictionary are found for layers [default: by name, else by shapes
    /// that leave no choice]
    #[arg(long, requires = "state")]
    by: Option<Way>,
    /// The module for a layer, such as digit.0=fc1; may be given several times
    #[arg(long, value_name = "LAYER=MODULE", value_parser = pair, requires = "state")]
    map: Vec<(String, String)>,
    #[command(flatten)]
    target: TargetDir,
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
    /// Writes what was imported, and prints what became what.
    pub fn run(self) -> Result<(), Error> {
        let is_onnx = self.model.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
        match &self.state {
            Some(state) => state::import(&self.model, state, self.out.clone(), &self.request()),
            None if is_onnx => self.onnx().import(),
            None => Err(Error::NothingToImport { path: self.model }),
        }
    }

    fn onnx(&self) -> Onnx<'_> {
        let (out, check) = (self.out.as_deref(), self.check.as_deref());
        Onnx { model: &self.model, out, check, force: self.force, target: &self.target }
    }

    fn request(&self) -> Request {
        let by = self.by.map(|way| match way {
            Way::Name => By::Name,
            Way::Order => By::Order,
        });
        Request { by, named: self.map.clone() }
    }
}

/// `LAYER=MODULE`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((layer, module)) if !layer.is_empty() => Ok((layer.trim().to_owned(), module.trim().to_owned())),
        _ => Err("expected a layer and a module, such as digit.0=fc1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_has_a_layer_and_a_module() {
        assert_eq!(pair("y.0=net.fc1"), Ok(("y.0".to_owned(), "net.fc1".to_owned())));
        assert_eq!(pair("y="), Ok(("y".to_owned(), String::new())));
        assert!(pair("y.0").is_err() && pair("=fc1").is_err());
    }
}
