//! Where networks' programs are written: in the folder `nn` of cargo's target directory. They are built in that
//! directory itself, so that what `nn` and they have in common is compiled once.

use std::env;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf, absolute};

use crate::spec::Spec;

/// The target directory: `CARGO_TARGET_DIR`, else the folder `target` that `nn` itself lies in, else
/// `target` here.
pub fn target() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let target = named.or_else(around_executable).unwrap_or_else(|| "target".into());
    absolute(&target).unwrap_or(target)
}

fn around_executable() -> Option<PathBuf> {
    let executable = env::current_exe().ok()?;
    let target = executable.ancestors().find(|folder| folder.ends_with("target"))?;
    Some(target.to_owned())
}

/// Where the crate of a spec is written. Specs of one name in different folders have crates of their own.
pub fn crate_of(spec: &Spec, target: &Path) -> PathBuf {
    target.join("nn").join(package(spec))
}

/// The name of the crate of a spec: `nn-digits-0123456789abcdef`.
pub fn package(spec: &Spec) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    let stem: String = spec.stem().chars().map(plain).collect();
    let mut hasher = DefaultHasher::new();
    spec.path.canonicalize().unwrap_or_else(|_| spec.path.clone()).hash(&mut hasher);
    format!("nn-{stem}-{:016x}", hasher.finish())
}
