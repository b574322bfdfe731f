//! Builds the peers in Rust: packages of the workspace `benches/peers`. It is apart from this
//! workspace, so they are built only when asked for.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A program that was built.
pub struct Built {
    /// The program.
    pub program: PathBuf,
}

/// The folder of the peers.
pub fn peers_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// Where peers are built: beside this program.
pub fn target(this: &Path) -> PathBuf {
    this.parent().and_then(Path::parent).unwrap_or(Path::new("target")).join("peers")
}

/// Builds a peer in release, with some environment.
pub fn build(name: &str, target: &Path, environment: &[(&str, &str)]) -> Result<Built, String> {
    let folder = peers_folder();
    if !folder.join(name).join("Cargo.toml").is_file() {
        return Err("it has no program in benches/peers yet".to_owned());
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    eprintln!("building {name}");
    let output = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--locked", "--message-format=json-render-diagnostics"])
        .args(["--package", &format!("peer-{name}"), "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let program = lines.lines().filter_map(executable).next_back().filter(|_| output.status.success());
    program.map(|program| Built { program }).ok_or_else(|| format!("its build failed: {}", output.status))
}

/// The program that a line of cargo's tells of.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(message.get("executable")?.as_str()?.into())
}
