//! Writes the crate of a network's program. A file is written only where its content has changed, so that
//! cargo builds again what must be built again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::program::folders;
use crate::spec::Spec;

/// The files that are the same for every network.
const FILES: [(&str, &str); 6] = [
    ("main.rs", include_str!("../../child/main.rs")),
    ("arguments.rs", include_str!("../../child/arguments.rs")),
    ("arrays.rs", include_str!("../../child/arrays.rs")),
    ("events.rs", include_str!("../../child/events.rs")),
    ("numbers.rs", include_str!("../../child/numbers.rs")),
    ("training.rs", include_str!("../../child/training.rs")),
];

/// Writes the crate of a spec, and returns its folder.
pub fn write(spec: &Spec, threads: bool, target: &Path) -> Result<PathBuf, Error> {
    let folder = folders::crate_of(spec, target);
    let sources = folder.join("src");
    fs::create_dir_all(&sources).map_err(|source| Error::Write { path: sources.clone(), source })?;
    let checkout = checkout();
    update(&folder.join("Cargo.toml"), &manifest(spec, threads, checkout.as_deref()))?;
    if let Some(checkout) = checkout {
        copy_lock(&checkout.join("Cargo.lock"), &folder.join("Cargo.lock"))?;
    }
    for (name, text) in FILES {
        update(&sources.join(name), text)?;
    }
    update(&sources.join("network.rs"), &network(spec))?;
    Ok(folder)
}

/// The network as Rust, by its name and as `Net`.
fn network(spec: &Spec) -> String {
    let module = nn_compiler::codegen::rust(&spec.compiled);
    format!("{}\n\n/// The network of this program.\npub type Net = {};\n", module.trim_end(), spec.name())
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

fn manifest(spec: &Spec, threads: bool, checkout: Option<&Path>) -> String {
    let package = folders::package(spec);
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

/// Copies the workspace's lock file where it is newer, so that the same versions serve, without a network.
/// (cargo drops from the copy what the program does not need.)
fn copy_lock(from: &Path, to: &Path) -> Result<(), Error> {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let Ok(there) = modified(from) else { return Ok(()) };
    if modified(to).is_ok_and(|here| here >= there) {
        return Ok(());
    }
    fs::read(from).and_then(|lock| fs::write(to, lock)).map_err(|source| Error::Write { path: to.to_owned(), source })
}

/// Writes a file where it does not hold this text.
fn update(path: &Path, text: &str) -> Result<(), Error> {
    match fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::Read { path: path.to_owned(), source: error });
        }
        Ok(_) | Err(_) => {}
    }
    fs::write(path, text).map_err(|source| Error::Write { path: path.to_owned(), source })
}
