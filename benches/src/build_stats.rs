//! What it costs to build each Rust program from nothing, and how large it is.

use std::fs;

use crate::implementation::{Implementation, Kind};
use crate::machine;
use crate::rust_peers;

/// A cold build of a program without symbols.
pub struct BuildStats {
    /// CPU seconds of cargo and all it started; only on Linux.
    pub cpu_seconds: Option<f64>,
    /// The size of the program.
    pub stripped_bytes: u64,
}

/// Builds ours, as a program of the same kind, and every Rust peer, each into an empty folder.
pub fn measure(peers: &[Implementation]) -> Vec<(&'static str, Result<BuildStats, String>)> {
    let peers = peers.iter().filter(|peer| peer.kind == Kind::Rust).map(|peer| peer.name);
    ["ours"].into_iter().chain(peers).map(|name| (name, cold_build(name))).collect()
}

fn cold_build(name: &str) -> Result<BuildStats, String> {
    let target = tempfile::tempdir().map_err(|error| error.to_string())?;
    let before = machine::children_seconds();
    let built = rust_peers::build(name, target.path(), &[("CARGO_PROFILE_RELEASE_STRIP", "symbols")])?;
    let cpu_seconds = before.and_then(|before| Some(machine::children_seconds()? - before));
    let stripped_bytes = fs::metadata(&built.program).map_err(|error| error.to_string())?.len();
    Ok(BuildStats { cpu_seconds, stripped_bytes })
}
