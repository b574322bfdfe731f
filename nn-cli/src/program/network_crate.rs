//! The crate of a network's program. Its name contains a hash of everything that is compiled, so a
//! crate never changes once it is written, and runs at the same time either share a crate or have
//! different ones.

use std::fmt::Write as _;
use std::path::PathBuf;

use nn_compiler::model::Train;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::program::carried;
use crate::program::folders::{self, TargetFolder};
use crate::program::runtime::Runtime;
use crate::replace;
use crate::spec::Spec;

/// The source files that are the same for every network.
const FILES: [(&str, &str); 8] = [
    ("src/main.rs", include_str!("../../child/main.rs")),
    ("src/arguments.rs", include_str!("../../child/arguments.rs")),
    ("src/arrays.rs", include_str!("../../child/arrays.rs")),
    ("src/event.rs", include_str!("../../child/event.rs")),
    ("src/flat_row.rs", include_str!("../../child/flat_row.rs")),
    ("src/input.rs", include_str!("../../child/input.rs")),
    ("src/send.rs", include_str!("../../child/send.rs")),
    ("src/training.rs", include_str!("../../child/training.rs")),
];

/// The dependencies besides `nn-runtime`. Versions and features are those of `nn`, so that cargo
/// compiles what both programs share once.
const DEPENDENCIES: [(&str, &str); 3] = [
    ("safetensors", r#"{ version = "0.8.0", default-features = false }"#),
    ("serde", r#"{ version = "1.0.229", features = ["derive"] }"#),
    ("serde_json", r#"{ version = "1.0.154", features = ["float_roundtrip"] }"#),
];

/// The optimization levels, which are those of the workspace. Kernels are optimized fully, file
/// formats a little, everything else not at all.
const OPT_LEVELS: [(&str, u8); 10] = [
    ("nn-runtime", 3),
    ("libm", 3),
    ("rand_core", 3),
    ("rand_xoshiro", 3),
    ("arrayvec", 3),
    ("hashbrown", 1),
    ("memchr", 1),
    ("safetensors", 1),
    ("serde_core", 1),
    ("serde_json", 1),
];

/// The optimization levels of packages that only several threads need. cargo warns about profiles
/// of packages that are not used.
const THREADS_OPT_LEVELS: [(&str, u8); 3] = [("rayon-core", 3), ("crossbeam-deque", 3), ("crossbeam-epoch", 3)];

/// A crate that is not written yet.
pub struct NetworkCrate {
    /// The hash of its sources. The program contains it, and reports it first.
    pub content: String,
    /// `nn-digits-0123456789abcdef`: the names of `nn` and the network, and the start of the hash.
    package: String,
    manifest: String,
    network: String,
}

impl NetworkCrate {
    /// The crate for a spec, with or without support for several threads.
    pub fn new(spec: &Spec, threads: bool, runtime: &Runtime) -> Self {
        let network = network(spec);
        let is_trained = spec.compiled.model.train.as_ref().is_some_and(Train::has_loss);
        let features = Features { is_trained, is_weighted: spec.weights_column().is_some(), threads };
        let manifest = |package: &str| manifest(package, features, runtime);
        let content = hash(&manifest(""), &network);
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        let name: String = spec.name().chars().map(plain).collect();
        let package = format!("nn-{name}-{}", &content[..16]);
        let network = format!(
            "{network}\n/// The hash of this program's sources.\npub const CONTENT: &::core::primitive::str = \"{content}\";\n"
        );
        Self { manifest: manifest(&package), content, package, network }
    }

    /// Writes the crate if it does not exist yet, and returns its folder.
    pub fn write(&self, target: &TargetFolder) -> Result<PathBuf, Error> {
        let folder = target.folder(&self.package);
        let sources = folder.join("src");
        folders::create(&sources)?;
        folders::mark_used(&folder)?;
        // cargo removes unused packages from it. A cargo that was killed may have left an incomplete
        // file.
        let path = folder.join("Cargo.lock");
        replace::put(&path, carried::LOCK.as_bytes()).map_err(|source| Error::TargetFolder { path, source })?;
        let own = [("Cargo.toml", &*self.manifest), ("src/network.rs", &*self.network)];
        for (name, text) in FILES.into_iter().chain(own) {
            folders::update(&folder.join(name), text)?;
        }
        Ok(folder)
    }
}

/// A hash of everything that determines the program. The name of the package is derived from it.
fn hash(manifest: &str, network: &str) -> String {
    let mut hasher = Sha256::new();
    let texts = FILES.iter().map(|(_, text)| *text);
    for part in texts.chain([manifest, network, carried::LOCK]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The network as Rust, by its name and as `Net`.
fn network(spec: &Spec) -> String {
    let module = nn_compiler::codegen::rust(&spec.compiled);
    match spec.name() {
        "Net" => module,
        name => format!("{}\n\n/// The network of this program.\npub type Net = {name};\n", module.trim_end()),
    }
}

/// What is compiled into a program.
#[derive(Clone, Copy)]
struct Features {
    is_trained: bool,
    /// Whether rows have weights.
    is_weighted: bool,
    threads: bool,
}

fn manifest(package: &str, features: Features, runtime: &Runtime) -> String {
    let Features { is_trained, is_weighted, threads } = features;
    let own = [("training", is_trained), ("weights", is_trained && is_weighted)];
    let own: Vec<String> = own.iter().filter(|(_, is_on)| *is_on).map(|(feature, _)| format!("{feature:?}")).collect();
    let own = own.join(", ");
    let runtime = &runtime.path;
    let rayon = if threads { r#", "rayon""# } else { "" };
    let mut manifest = format!(
        r#"# Written and overwritten by `nn`.
[package]
name = "{package}"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[features]
default = [{own}]
# For a network whose spec has `train`.
training = []
# For a network whose spec has `weights` in `data`.
weights = []

[dependencies]
nn-runtime = {{ path = {runtime:?}, default-features = false, features = ["std"{rayon}] }}
"#
    );
    for (name, dependency) in DEPENDENCIES {
        // Writing to a `String` cannot fail.
        let _ = writeln!(manifest, "{name} = {dependency}");
    }
    manifest += "\n[profile.release]\nopt-level = 3\n\n[profile.release.package.\"*\"]\nopt-level = 0\n";
    for (name, level) in OPT_LEVELS.iter().chain(THREADS_OPT_LEVELS.iter().filter(|_| threads)) {
        let _ = write!(manifest, "\n[profile.release.package.{name}]\nopt-level = {level}\n");
    }
    manifest
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The keys of each section of a `Cargo.toml`.
    type Sections = BTreeMap<String, BTreeMap<String, String>>;

    fn sections(toml: &str) -> Sections {
        let mut sections = Sections::new();
        let mut section = String::new();
        for line in toml.lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']').to_owned();
            } else if let Some((key, value)) = line.split_once(" = ") {
                sections.entry(section.clone()).or_default().insert(key.to_owned(), value.to_owned());
            }
        }
        sections
    }

    fn workspace_file(name: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(name)).unwrap()
    }

    /// The packages in the lock file that these packages need, and themselves.
    fn needed<const N: usize>(roots: [&str; N]) -> BTreeSet<String> {
        let lock = workspace_file("Cargo.lock");
        let packages = lock.split("[[package]]").filter_map(|package| {
            let name = package.lines().find_map(|line| line.strip_prefix("name = "))?.trim_matches('"');
            let (_, rest) = package.split_once("dependencies = [\n").unwrap_or_default();
            let (rest, _) = rest.split_once("\n]").unwrap_or_default();
            let dependency = |line: &str| line.trim().trim_matches([',', '"']).split(' ').next().map(str::to_owned);
            Some((name.to_owned(), rest.lines().filter_map(dependency).collect::<Vec<_>>()))
        });
        let packages: BTreeMap<String, Vec<String>> = packages.collect();
        let (mut needed, mut open) = (BTreeSet::new(), roots.map(str::to_owned).to_vec());
        while let Some(name) = open.pop() {
            // The program contains code that was generated without the macro.
            if name != "nn-macros" && needed.insert(name.clone()) {
                open.extend(packages[&name].iter().cloned());
            }
        }
        needed
    }

    #[test]
    fn versions_and_profiles_are_those_of_the_workspace() {
        let workspace = sections(&workspace_file("Cargo.toml"));
        let own = sections(&manifest(
            "nn-x-0",
            Features { is_trained: true, is_weighted: true, threads: true },
            &Runtime { path: "../runtime-0".to_owned() },
        ));
        assert_eq!(own["package"]["edition"], workspace["workspace.package"]["edition"]);
        for (name, dependency) in DEPENDENCIES {
            assert_eq!(workspace["workspace.dependencies"][name], dependency, "{name}");
        }
        assert_eq!(own["profile.release.package.\"*\""], workspace["profile.release"]);
        let level = |sections: &Sections, name: &str| {
            sections.get(&format!("profile.release.package.{name}")).map(|section| section["opt-level"].clone())
        };
        for name in needed(["nn-runtime", "safetensors", "serde", "serde_json"]) {
            assert_eq!(level(&own, &name), level(&workspace, &name), "{name}");
        }
        let profiles = own.keys().filter(|section| section.starts_with("profile.release.package."));
        assert_eq!(profiles.count(), 1 + OPT_LEVELS.len() + THREADS_OPT_LEVELS.len());
    }
}
