//! The folders of networks' crates: `target/nn/…`. They are built in the target folder of `nn`
//! itself, so that packages that `nn` also uses are compiled once.
//!
//! Every change of a spec leaves a crate. The crates that were not used for the longest time are
//! removed, but only while no other `nn` uses the target folder.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::time::SystemTime;

use tempfile::TempDir;

use crate::error::Error;

/// The number of crates that are kept.
const KEPT: usize = 200;
/// The file in each crate whose time is that of the last use.
const USED: &str = "used";
/// The start of the names of folders for the temporary files of compilers.
const SCRATCH: &str = "scratch-";

/// The target folder, which is in use as long as this value lives.
pub struct TargetFolder {
    /// Its path.
    pub path: PathBuf,
    /// Shared while the folder is used, exclusive while old crates are removed.
    _lock: File,
}

impl TargetFolder {
    /// Opens `CARGO_TARGET_DIR`, otherwise the folder `target` that contains `nn`, otherwise
    /// `target` here.
    pub fn open() -> Result<Self, Error> {
        let named = env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let path = named.or_else(around_executable).unwrap_or_else(|| "target".into());
        let path = absolute(&path).unwrap_or(path);
        let crates = path.join("nn");
        let lock = crates.join("lock");
        let failed = |source| Error::Write { path: lock.clone(), source };
        fs::create_dir_all(&crates).map_err(failed)?;
        let file = File::options().create(true).append(true).open(&lock).map_err(failed)?;
        if file.try_lock().is_ok() {
            // What cannot be removed now is removed later.
            let _ = remove_old(&path);
            file.unlock().map_err(failed)?;
        }
        match file.lock_shared() {
            // On a file system without locks nothing is removed, so no lock is needed.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            locked => locked.map_err(failed)?,
        }
        Ok(Self { path, _lock: file })
    }

    /// The folder of a crate.
    pub fn folder(&self, package: &str) -> PathBuf {
        self.path.join("nn").join(package)
    }

    /// A new folder for temporary files of compilers. It is removed when the value is dropped, or
    /// by a later run if `nn` was killed.
    pub fn scratch(&self) -> Result<TempDir, Error> {
        let folder = self.path.join("nn");
        let made = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&folder);
        made.map_err(|source| Error::Write { path: folder, source })
    }
}

/// Records that a crate is used now.
pub fn mark_used(folder: &Path) -> Result<(), Error> {
    let path = folder.join(USED);
    let marked = File::create(&path).and_then(|file| file.set_modified(SystemTime::now()));
    marked.map_err(|source| Error::Write { path, source })
}

fn around_executable() -> Option<PathBuf> {
    let executable = env::current_exe().ok()?;
    let target = executable.ancestors().find(|folder| folder.ends_with("target"))?;
    Some(target.to_owned())
}

/// Removes left-over scratch folders, and all crates and their programs but the [`KEPT`] that were
/// used last.
fn remove_old(target: &Path) -> io::Result<()> {
    let mut crates = Vec::new();
    for entry in fs::read_dir(target.join("nn"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(SCRATCH) {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_type()?.is_dir() {
            // A crate without this file is unfinished, or from an earlier version of `nn`.
            let used = fs::metadata(entry.path().join(USED)).and_then(|metadata| metadata.modified());
            crates.push((used.unwrap_or(SystemTime::UNIX_EPOCH), name));
        }
    }
    crates.sort();
    let old = crates.len().saturating_sub(KEPT);
    crates.iter().take(old).try_for_each(|(_, package)| remove(target, package))
}

/// Removes a crate and its program.
fn remove(target: &Path, package: &str) -> io::Result<()> {
    let built = target.join("release");
    for folder in [built.join("deps"), built.join(".fingerprint"), built] {
        // A folder that does not exist has nothing to remove.
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry?;
            if !is_of(&entry.file_name().to_string_lossy(), package) {
                continue;
            }
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false => fs::remove_file(entry.path())?,
            }
        }
    }
    fs::remove_dir_all(target.join("nn").join(package))
}

/// Whether a file that cargo has written belongs to a package: `nn-xor-01ab`, `nn-xor-01ab.d`,
/// `nn_xor_01ab-23cd`.
fn is_of(file: &str, package: &str) -> bool {
    let name = file.replace('_', "-");
    name.strip_prefix(&package.replace('_', "-")).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn touch(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    #[test]
    fn old_crates_are_removed() {
        let target = tempfile::tempdir().unwrap();
        let target = target.path();
        for number in 0..KEPT + 2 {
            let package = format!("nn-net-{number:04}");
            let used = target.join("nn").join(&package).join(USED);
            touch(&used);
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(number as u64);
            File::options().write(true).open(&used).unwrap().set_modified(time).unwrap();
            touch(&target.join("release").join(&package));
            touch(&target.join(format!("release/deps/nn_net_{number:04}-12")));
            touch(&target.join(format!("release/.fingerprint/{package}-12/bin")));
        }
        touch(&target.join("release/deps/libnn_runtime-1.rlib"));
        touch(&target.join("nn/scratch-x/rustc/symbols.o"));
        remove_old(target).unwrap();
        let there = |path: &str| target.join(path).exists();
        for gone in ["0000", "0001"] {
            assert!(!there(&format!("nn/nn-net-{gone}")), "{gone}");
            assert!(!there(&format!("release/nn-net-{gone}")), "{gone}");
            assert!(!there(&format!("release/deps/nn_net_{gone}-12")), "{gone}");
            assert!(!there(&format!("release/.fingerprint/nn-net-{gone}-12")), "{gone}");
        }
        assert!(there("nn/nn-net-0002") && there("release/nn-net-0002") && there("release/deps/nn_net_0002-12"));
        assert!(there("release/deps/libnn_runtime-1.rlib"));
        assert!(!there("nn/scratch-x"));
    }

    #[test]
    fn files_belong_to_one_package() {
        for file in ["nn-xor-01", "nn-xor-01.d", "nn_xor_01-ff.d", "nn-xor-01-ff"] {
            assert!(is_of(file, "nn-xor-01"), "{file}");
        }
        for file in ["nn-xor-012", "nn-xor-0", "libnn_xor_01.rlib", "nn-and-01"] {
            assert!(!is_of(file, "nn-xor-01"), "{file}");
        }
    }
}
