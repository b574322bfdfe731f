//! The folders of networks' crates, `nn/…` in a target folder of cargo. That of an installed `nn` is
//! in the user's cache folder, one for each version. In a checkout it is the target folder of `nn`
//! itself, so that packages that `nn` also uses are compiled once.
//!
//! Every change of a spec leaves a crate. The crates that were not used for the longest time are
//! removed, but only while no other `nn` uses the target folder.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::time::SystemTime;

use clap::Args;
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use tempfile::TempDir;

use crate::error::Error;
use crate::program::carried;
use crate::replace;

/// The number of crates that are kept.
const KEPT: usize = 200;
/// The number of target folders that are kept in the cache, one for each version of `nn`.
const KEPT_VERSIONS: usize = 3;
/// The file in each crate whose time is that of the last use.
const USED: &str = "used";
/// The start of the names of folders for the temporary files of compilers.
const SCRATCH: &str = "scratch-";

/// The folder that networks are compiled in.
#[derive(Args)]
pub struct TargetDir {
    /// The folder that the network is compiled in [default: CARGO_TARGET_DIR, or in your cache
    /// folder]
    #[arg(long = "target-dir", value_name = "FOLDER")]
    named: Option<PathBuf>,
}

/// The target folder, which is in use as long as this value lives.
pub struct TargetFolder {
    /// Its path.
    pub path: PathBuf,
    /// Shared while the folder is used, exclusive while old crates are removed.
    _lock: File,
}

impl TargetFolder {
    /// Opens `--target-dir`, otherwise `CARGO_TARGET_DIR`, otherwise the target folder that
    /// contains `nn`, otherwise a folder in the user's cache.
    pub fn open(target: &TargetDir) -> Result<Self, Error> {
        let variable = || env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        match target.named.clone().or_else(variable).or_else(around_executable) {
            Some(path) => Self::lock(path),
            None => {
                let cache = cache()?;
                let own = format!("{}-{}", env!("CARGO_PKG_VERSION"), &carried::hash()[..16]);
                let folder = Self::lock(cache.join(&own))?;
                mark_used(&folder.path)?;
                // What cannot be removed now is removed later.
                let _ = remove_other_versions(&cache, &own);
                Ok(folder)
            }
        }
    }

    fn lock(path: PathBuf) -> Result<Self, Error> {
        let path = absolute(&path).unwrap_or(path);
        let crates = path.join("nn");
        let lock = crates.join("lock");
        let failed = |source| Error::TargetFolder { path: lock.clone(), source };
        create(&crates)?;
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
        made.map_err(|source| Error::TargetFolder { path: folder, source })
    }
}

/// Records that a crate is used now.
pub fn mark_used(folder: &Path) -> Result<(), Error> {
    let path = folder.join(USED);
    let marked = File::create(&path).and_then(|file| file.set_modified(SystemTime::now()));
    marked.map_err(|source| Error::TargetFolder { path, source })
}

/// Creates a folder, unless it exists.
pub fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|source| Error::TargetFolder { path: folder.to_owned(), source })
}

/// Writes a file unless it already holds this text. A new file is created whole by the first of
/// several runs. The other runs leave it alone, because cargo compiles a file again if its time
/// changes.
pub fn update(path: &Path, text: &str) -> Result<(), Error> {
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
    written.map_err(|source| Error::TargetFolder { path: path.to_owned(), source })
}

/// The folder of `nn` in the user's cache: `XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches` on
/// macOS, `%LOCALAPPDATA%` on Windows.
fn cache() -> Result<PathBuf, Error> {
    let strategy = choose_native_strategy().map_err(|_| Error::NoCache)?;
    Ok(strategy.cache_dir().join("nn"))
}

fn around_executable() -> Option<PathBuf> {
    let executable = env::current_exe().ok()?;
    // cargo marks its target folders with this file.
    let is_target = |folder: &&Path| folder.ends_with("target") && folder.join("CACHEDIR.TAG").is_file();
    executable.ancestors().find(is_target).map(Path::to_owned)
}

/// Removes the target folders of other versions of `nn` but those that were used last, if no `nn`
/// uses them. What has no lock is not such a folder.
fn remove_other_versions(cache: &Path, own: &str) -> io::Result<()> {
    let mut others = Vec::new();
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        if entry.file_name() != own && entry.path().join("nn/lock").is_file() {
            let used = fs::metadata(entry.path().join(USED)).and_then(|metadata| metadata.modified());
            others.push((used.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
        }
    }
    others.sort();
    let old = (others.len() + 1).saturating_sub(KEPT_VERSIONS);
    for (_, folder) in others.iter().take(old) {
        let lock = File::options().append(true).open(folder.join("nn/lock"))?;
        if lock.try_lock().is_ok() {
            fs::remove_dir_all(folder)?;
        }
    }
    Ok(())
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
    fn target_folders_of_old_versions_are_removed() {
        let cache = tempfile::tempdir().unwrap();
        let cache = cache.path();
        for (age, version) in ["new", "own", "middle", "old", "in-use"].into_iter().enumerate() {
            touch(&cache.join(version).join("nn/lock"));
            touch(&cache.join(version).join(USED));
            let time = SystemTime::now() - Duration::from_secs(60 * age as u64);
            let used = File::options().write(true).open(cache.join(version).join(USED)).unwrap();
            used.set_modified(time).unwrap();
        }
        fs::create_dir(cache.join("foreign")).unwrap();
        let used = File::open(cache.join("in-use/nn/lock")).unwrap();
        used.lock_shared().unwrap();
        remove_other_versions(cache, "own").unwrap();
        let mut left: Vec<_> = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["foreign", "in-use", "middle", "new", "own"]);
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
