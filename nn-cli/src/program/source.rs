//! The crate of a network's program. It is named by its content, all that is compiled: so what a crate is built to never
//! changes, and runs at the same time share it or have one each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::program::folders::{self, Target};
use crate::replace;
use crate::spec::Spec;

/// The files that are the same for every network.
const FILES: [(&str, &str); 7] = [
    ("src/main.rs", include_str!("../../child/main.rs")),
    ("src/arguments.rs", include_str!("../../child/arguments.rs")),
    ("src/arrays.rs", include_str!("../../child/arrays.rs")),
    ("src/events.rs", include_str!("../../child/events.rs")),
    ("src/input.rs", include_str!("../../child/input.rs")),
    ("src/numbers.rs", include_str!("../../child/numbers.rs")),
    ("src/training.rs", include_str!("../../child/training.rs")),
];

/// A crate that is not written yet.
pub struct Source {
    /// What it is built from, as a hash. The program knows it, too, and says it first.
    pub content: String,
    /// Its name: `nn-digits-0123456789abcdef`, of the network and the hash.
    package: String,
    manifest: String,
    network: String,
    /// The versions of all that it depends on, where `nn` knows them.
    lock: Option<Vec<u8>>,
}

impl Source {
    /// The crate of a spec, with what several threads need or without it.
    pub fn of(spec: &Spec, threads: bool) -> Self {
        let checkout = checkout();
        let network = network(spec);
        let lock = checkout.as_ref().and_then(|checkout| fs::read(checkout.join("Cargo.lock")).ok());
        let manifest = |package: &str| manifest(package, spec, threads, checkout.as_deref());
        let content = hash(&manifest(""), &network, lock.as_deref());
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
        let name: String = spec.name().chars().map(plain).collect();
        let package = format!("nn-{name}-{}", &content[..16]);
        let network =
            format!("{network}\n/// What this program was built from.\npub const CONTENT: &str = \"{content}\";\n");
        Self { manifest: manifest(&package), content, package, network, lock }
    }

    /// Writes the crate where it is not there yet, and returns its folder.
    pub fn write(&self, target: &Target) -> Result<PathBuf, Error> {
        let folder = target.folder(&self.package);
        let sources = folder.join("src");
        fs::create_dir_all(&sources).map_err(|source| Error::Write { path: sources.clone(), source })?;
        folders::mark_used(&folder)?;
        if let Some(lock) = &self.lock {
            // cargo drops from it what the program does not need. One that was killed may have left half of it.
            let path = folder.join("Cargo.lock");
            replace::put(&path, lock).map_err(|source| Error::Write { path, source })?;
        }
        let own = [("Cargo.toml", &*self.manifest), ("src/network.rs", &*self.network)];
        for (name, text) in FILES.into_iter().chain(own) {
            update(&folder.join(name), text)?;
        }
        Ok(folder)
    }
}

/// All that decides on what is built. (The name of the package follows from it.)
fn hash(manifest: &str, network: &str, lock: Option<&[u8]>) -> String {
    let mut hasher = Sha256::new();
    let texts = FILES.iter().map(|(_, text)| text.as_bytes());
    for part in texts.chain([manifest.as_bytes(), network.as_bytes(), lock.unwrap_or_default()]) {
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

/// What threads wake and wait in; cargo warns of profiles for packages that are not there.
const THREADS_PROFILES: &str = r#"
[profile.release.package.rayon-core]
opt-level = 3

[profile.release.package.crossbeam-deque]
opt-level = 3

[profile.release.package.crossbeam-epoch]
opt-level = 3
"#;

fn manifest(package: &str, spec: &Spec, threads: bool, checkout: Option<&Path>) -> String {
    let training = if spec.compiled.model.train.is_some() { r#""training""# } else { "" };
    let runtime = match checkout {
        Some(checkout) => format!("path = {:?}", checkout.join("nn-runtime").display().to_string()),
        None => format!("version = {:?}", env!("CARGO_PKG_VERSION")),
    };
    let (feature, profiles) = if threads { (r#", "rayon""#, THREADS_PROFILES) } else { ("", "") };
    format!(
        r#"# Written by `nn`, and overwritten by it.
[package]
name = "{package}"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[features]
default = [{training}]
# For a network whose spec has `train`.
training = []

[dependencies]
nn-runtime = {{ {runtime}, default-features = false, features = ["std"{feature}] }}
safetensors = {{ version = "0.8", default-features = false }}

# What computes is optimised; what reads files is built fast.
[profile.release]
opt-level = 3

[profile.release.package."*"]
opt-level = 0

[profile.release.package.nn-runtime]
opt-level = 3

[profile.release.package.libm]
opt-level = 3

[profile.release.package.rand_core]
opt-level = 3

[profile.release.package.rand_xoshiro]
opt-level = 3

[profile.release.package.arrayvec]
opt-level = 3

# Half as large optimised a little, and built as fast.
[profile.release.package.hashbrown]
opt-level = 1

[profile.release.package.memchr]
opt-level = 1

[profile.release.package.safetensors]
opt-level = 1

[profile.release.package.serde_core]
opt-level = 1

[profile.release.package.serde_json]
opt-level = 1
{profiles}"#
    )
}

/// The workspace that `nn` was built in, where it still stands: then the runtime is taken from there.
fn checkout() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    workspace.join("nn-runtime/Cargo.toml").is_file().then(|| workspace.to_owned())
}

/// Writes a file where it does not hold this text. One that is not there is put there whole, by the first of several
/// runs; the others leave it as it is, since a file that is new again would be compiled again.
fn update(path: &Path, text: &str) -> Result<(), Error> {
    let holds = |path: &Path| fs::read(path).is_ok_and(|bytes| bytes == text.as_bytes());
    if holds(path) {
        return Ok(());
    }
    let written = match replace::put_new(path, text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if holds(path) {
                return Ok(());
            }
            replace::put(path, text.as_bytes())
        }
        written => written,
    };
    written.map_err(|source| Error::Write { path: path.to_owned(), source })
}
