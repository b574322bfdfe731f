//! What is measured: this project and its peers, and how to run each.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Surroundings;
use crate::rust_peers::{self, Built};

/// An implementation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Implementation {
    /// The name in tables and on the command line.
    pub name: &'static str,
    /// What it is, with what must be there.
    pub kind: Kind,
}

/// How an implementation comes to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// This program itself.
    Ours,
    /// A package in `benches/peers`, built when asked for.
    Rust,
    /// Served by `benches/peers/python/serve.py`, if these modules can be imported.
    Python {
        /// What it needs besides numpy.
        modules: &'static [&'static str],
    },
}

/// This project.
pub const OURS: Implementation = Implementation { name: "ours", kind: Kind::Ours };

const fn rust(name: &'static str) -> Implementation {
    Implementation { name, kind: Kind::Rust }
}

const fn python(name: &'static str, modules: &'static [&'static str]) -> Implementation {
    Implementation { name, kind: Kind::Python { modules } }
}

/// The peers, those that are built fastest first.
pub const PEERS: [Implementation; 12] = [
    rust("ndarray-by-hand"),
    rust("dfdx"),
    rust("candle"),
    rust("burn"),
    rust("tract"),
    python("onnxruntime", &["onnxruntime", "onnx"]),
    python("jax-jit", &["jax"]),
    python("jax-scan", &["jax"]),
    python("torch-eager", &["torch"]),
    python("torch-compiled", &["torch"]),
    python("tensorflow", &["tensorflow"]),
    python("sklearn", &["sklearn"]),
];

/// Where programs are found and put.
pub struct Places {
    /// This program.
    pub this: PathBuf,
    /// The interpreter for peers in Python.
    pub python: PathBuf,
    /// The folder of the arrays.
    pub arrays: PathBuf,
}

impl Implementation {
    /// The command that starts it, after building what must be built; or why it can't be started,
    /// and what to do.
    pub fn command(&self, places: &Places, surroundings: &Surroundings) -> Result<Command, String> {
        let mut command = match self.kind {
            Kind::Ours => {
                let mut command = surroundings.command(&places.this);
                command.arg("serve");
                command
            }
            Kind::Rust => {
                let Built { program, .. } = rust_peers::build(self.name, &rust_peers::target(&places.this), &[])?;
                surroundings.command(&program)
            }
            Kind::Python { modules } => {
                find_modules(&places.python, modules)?;
                let mut command = surroundings.command(&places.python);
                command.arg(rust_peers::peers_folder().join("python/serve.py")).arg(self.name);
                command
            }
        };
        command.arg(&places.arrays);
        Ok(command)
    }
}

/// Names the modules that the interpreter does not find.
fn find_modules(python: &Path, modules: &[&str]) -> Result<(), String> {
    let install = "pip install -r benches/peers/python/requirements.txt";
    let script = "import importlib.util, sys; print(*(m for m in sys.argv[1:] if not importlib.util.find_spec(m)))";
    let output = Command::new(python).args(["-c", script, "numpy"]).args(modules).output();
    let output = output.map_err(|error| format!("{}: {error}; name another by --python", python.display()))?;
    let missing = String::from_utf8_lossy(&output.stdout);
    let missing: Vec<&str> = missing.split_whitespace().collect();
    match (&missing[..], output.status.success()) {
        ([], true) => Ok(()),
        ([], false) => Err(format!("{} does not run: {}", python.display(), output.status)),
        (missing, _) => Err(format!("{} has no {}; {install}", python.display(), missing.join(", "))),
    }
}

/// Implementations by the names of the command line: `none`, `rust`, `python`, `all`, or a list.
pub fn peers(names: &[String]) -> Result<Vec<Implementation>, String> {
    let mut peers: Vec<Implementation> = Vec::new();
    for name in names {
        let matching: Vec<_> = PEERS.into_iter().filter(|peer| peer.goes_by(name)).collect();
        if matching.is_empty() && name != "none" {
            let known: Vec<&str> = PEERS.iter().map(|peer| peer.name).collect();
            return Err(format!("there is no peer `{name}`; there are none, rust, python, all, {}", known.join(", ")));
        }
        for peer in matching {
            if !peers.contains(&peer) {
                peers.push(peer);
            }
        }
    }
    Ok(peers)
}

impl Implementation {
    fn goes_by(&self, name: &str) -> bool {
        match name {
            "all" => true,
            "rust" => self.kind == Kind::Rust,
            "python" => matches!(self.kind, Kind::Python { .. }),
            name => self.name == name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Result<Vec<&'static str>, String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Ok(peers(&names)?.iter().map(|peer| peer.name).collect())
    }

    #[test]
    fn groups_and_names_can_be_mixed() {
        assert_eq!(names(&["none"]), Ok(vec![]));
        assert_eq!(names(&["candle", "candle"]), Ok(vec!["candle"]));
        assert_eq!(names(&["all"]).map(|all| all.len()), Ok(PEERS.len()));
        assert!(names(&["rust", "sklearn"]).is_ok_and(|names| names.contains(&"sklearn")));
        assert!(names(&["keras"]).is_err_and(|error| error.contains("tensorflow")));
    }
}
