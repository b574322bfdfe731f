//! Where networks' programs are written: in the folder `nn` of cargo's target directory. They are built in that
//! directory itself, so that what `nn` and they have in common is compiled once.
//!
//! Each spec that was changed leaves a crate. Those that were not used for longest are removed where no other `nn` uses
//! the directory, so that nothing is removed that one needs.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::time::SystemTime;

use tempfile::TempDir;

use crate::error::Error;

/// So many crates are kept.
const KEPT: usize = 200;
/// The file in each crate whose time says when the crate was last used.
const USED: &str = "used";
/// How the names of folders begin in which compilers keep what is theirs.
const SCRATCH: &str = "scratch-";

/// The target directory, in use by this program as long as the value lives.
pub struct TargetFolder {
    /// Where it is.
    pub path: PathBuf,
    /// Held with others that use it; alone by one that removes what is old.
    _lock: File,
}

impl TargetFolder {
    /// `CARGO_TARGET_DIR`, else the folder `target` that `nn` itself lies in, else `target` here.
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
            // What cannot be removed now can be later.
            let _ = remove_old(&path);
            file.unlock().map_err(failed)?;
        }
        match file.lock_shared() {
            // Where a file system has no locks nothing is removed, so nothing has to be held.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            locked => locked.map_err(failed)?,
        }
        Ok(Self { path, _lock: file })
    }

    /// The folder of a crate.
    pub fn folder(&self, package: &str) -> PathBuf {
        self.path.join("nn").join(package)
    }

    /// A new folder for what compilers write while they run. It goes with the value returned, or, where `nn` was
    /// killed, with what is old.
    pub fn scratch(&self) -> Result<TempDir, Error> {
        let folder = self.path.join("nn");
        let made = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(&folder);
        made.map_err(|source| Error::Write { path: folder, source })
    }
}

/// Notes that a crate is used now.
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

/// Removes scratch folders that were left over, and all but the [`KEPT`] crates that were used last, with what they were
/// built to.
fn remove_old(target: &Path) -> io::Result<()> {
    let mut crates = Vec::new();
    for entry in fs::read_dir(target.join("nn"))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(SCRATCH) {
            fs::remove_dir_all(entry.path())?;
        } else if entry.file_type()?.is_dir() {
            // A crate that was never marked was not finished, or is one of an earlier `nn`.
            let used = fs::metadata(entry.path().join(USED)).and_then(|metadata| metadata.modified());
            crates.push((used.unwrap_or(SystemTime::UNIX_EPOCH), name));
        }
    }
    crates.sort();
    let old = crates.len().saturating_sub(KEPT);
    crates.iter().take(old).try_for_each(|(_, package)| remove(target, package))
}

/// Removes a crate and what it was built to.
fn remove(target: &Path, package: &str) -> io::Result<()> {
    let built = target.join("release");
    for folder in [built.join("deps"), built.join(".fingerprint"), built] {
        // Where nothing was built there is nothing to remove.
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

/// Whether a file that cargo has built belongs to a package: `nn-xor-01ab`, `nn-xor-01ab.d`, `nn_xor_01ab-23cd`.
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
    fn what_was_not_used_for_longest_is_removed() {
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
    fn files_of_other_packages_are_not_of_this_one() {
        for file in ["nn-xor-01", "nn-xor-01.d", "nn_xor_01-ff.d", "nn-xor-01-ff"] {
            assert!(is_of(file, "nn-xor-01"), "{file}");
        }
        for file in ["nn-xor-012", "nn-xor-0", "libnn_xor_01.rlib", "nn-and-01"] {
            assert!(!is_of(file, "nn-xor-01"), "{file}");
        }
    }
}
