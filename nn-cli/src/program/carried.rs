//! What `nn` carries to build networks' programs with: the source of the runtime, and the versions of
//! other packages. So what `nn` builds fits it, wherever `nn` is installed.
//!
//! `nn-cli/runtime/` links to the source and the lock file, so cargo packs copies of them with this
//! crate. `manifest.toml` is written from `nn-runtime/Cargo.toml` by a test.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The source files: path and text.
pub const SOURCES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/runtime.rs"));

/// The manifest of the unpacked runtime.
pub const MANIFEST: &str = include_str!("../../runtime/manifest.toml");

/// The versions that networks' programs are built with.
pub const LOCK: &str = include_str!("../../runtime/Cargo.lock");

/// A hash of everything that determines what the runtime is compiled to.
pub fn hash() -> String {
    let mut hasher = Sha256::new();
    for part in SOURCES.iter().flat_map(|(file, text)| [*file, *text]).chain([MANIFEST, LOCK]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a folder has the source that this program carries.
pub fn is_in(folder: &Path) -> bool {
    let is_same = |(file, text): &(&str, &str)| fs::read(folder.join(file)).is_ok_and(|bytes| bytes == text.as_bytes());
    SOURCES.iter().all(is_same)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::PathBuf;

    use super::*;

    fn workspace() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
    }

    /// The lines of a section, up to the next.
    fn section<'a>(toml: &'a str, name: &str) -> &'a str {
        let (_, rest) = toml.split_once(&format!("[{name}]\n")).unwrap();
        rest.split_once("\n[").map_or(rest, |(section, _)| section).trim_end()
    }

    /// The value of a key in a section.
    fn value<'a>(section: &'a str, key: &str) -> &'a str {
        section.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")).unwrap()
    }

    /// The manifest of `nn-runtime` without the macro, and with what it takes from the workspace.
    fn expected() -> String {
        let root = workspace();
        let workspace = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let own = fs::read_to_string(root.join("nn-runtime/Cargo.toml")).unwrap();
        let package = section(&workspace, "workspace.package");
        let mut manifest =
            String::from("# Unpacked by `nn`, from what it carries.\n[package]\nname = \"nn-runtime\"\n");
        for key in ["version", "edition", "rust-version", "license"] {
            manifest += &format!("{key} = {}\n", value(package, key));
        }
        manifest += "publish = false\n\n[workspace]\n\n[features]\n";
        let features = section(&own, "features").lines().filter(|line| !line.starts_with('#'));
        for feature in features.filter(|line| !line.starts_with("default")) {
            manifest += if feature.starts_with("macros") { "macros = []" } else { feature };
            manifest += "\n";
        }
        manifest += "\n[dependencies]\n";
        let versions = section(&workspace, "workspace.dependencies");
        for line in section(&own, "dependencies").lines() {
            let name = line.split(['.', ' ']).next().unwrap();
            if name == "nn-macros" {
                continue;
            }
            let version = value(versions, name);
            let optional = if line.contains("optional = true") { ", optional = true" } else { "" };
            let version = match version.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" }")) {
                Some(keys) => keys.to_owned(),
                None => format!("version = {version}"),
            };
            manifest += &format!("{name} = {{ {version}{optional} }}\n");
        }
        // What is carried is always optimised, so without the build script that says whether it is.
        manifest += "\n[lints.rust]\nunexpected_cfgs = { level = \"warn\", check-cfg = [\"cfg(unoptimized)\"] }\n";
        manifest
    }

    #[test]
    fn the_manifest_is_that_of_the_runtime() {
        let expected = expected();
        let path = workspace().join("nn-cli/runtime/manifest.toml");
        if env::var_os("NN_BLESS").is_some() {
            fs::write(&path, &expected).unwrap();
        }
        let found = fs::read_to_string(path).unwrap();
        assert_eq!(found, expected, "write it with `NN_BLESS=1 cargo test -p nn-cli manifest`");
    }

    #[test]
    fn the_program_carries_the_source_of_the_checkout() {
        let folder = workspace().join("nn-runtime/src");
        assert!(is_in(&folder));
        assert!(SOURCES.iter().any(|(file, _)| *file == "lib.rs"));
        assert!(SOURCES.iter().any(|(file, _)| *file == "layers/dense/mod.rs"));
    }
}
