//! The runtime that networks' programs are built with: what `nn` carries, unpacked.
//!
//! In the checkout that `nn` was built in, the same source is used in place. So cargo overwrites
//! what it compiled from an earlier state of the runtime, instead of keeping both.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::program::carried::{self, MANIFEST, SOURCES};
use crate::program::folders::{self, TargetFolder};

/// Where a network's program finds the runtime.
pub struct Runtime {
    /// The path of its folder as in the manifest of a network's crate.
    pub path: String,
}

impl Runtime {
    /// The runtime of the checkout, if it has not changed since `nn` was built. Otherwise unpacks
    /// the source next to the networks' crates. An earlier or interrupted run may have done so, so
    /// files that are right are left alone.
    pub fn open(target: &TargetFolder) -> Result<Self, Error> {
        if let Some(checkout) = checkout() {
            let folder = checkout.join("nn-runtime");
            if carried::is_in(&folder.join("src")) {
                return Ok(Self { path: folder.display().to_string() });
            }
        }
        let name = format!("runtime-{}", &carried::hash()[..16]);
        let folder = target.folder(&name);
        folders::create(&folder)?;
        folders::mark_used(&folder)?;
        let mut last = PathBuf::new();
        for (file, text) in SOURCES {
            let path = folder.join("src").join(file);
            let parent = path.parent().unwrap_or(&folder);
            if last != parent {
                folders::create(parent)?;
                last = parent.to_owned();
            }
            folders::update(&path, text)?;
        }
        folders::update(&folder.join("Cargo.toml"), MANIFEST)?;
        Ok(Self { path: format!("../{name}") })
    }
}

/// The workspace that `nn` was built in, if `nn` is still there.
fn checkout() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.canonicalize().ok()?;
    let executable = env::current_exe().ok()?.canonicalize().ok()?;
    let is_there = executable.starts_with(&workspace) && workspace.join("nn-runtime/Cargo.toml").is_file();
    is_there.then_some(workspace)
}
