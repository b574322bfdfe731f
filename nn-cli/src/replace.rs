//! Replaces a file as a whole or not at all.
//!
//! The new content is written next to the file, to `.NAME.XXXXXX.partial`, which is then renamed.
//! So an interruption or a full disk loses nothing. Links stay links: the file that they point to
//! is replaced. Devices, pipes and read-only files are refused.
//!
//! `nn-runtime` has a `replace.rs` of its own. The names of its partial files start with
//! [`partial_prefix`], too: change both together.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::interrupts;

/// A chain of more links than this is treated as a loop.
const MOST_LINKS: usize = 40;

/// The name of a partial file keeps this many characters of the original name.
const NAME: usize = 40;

/// Replaces an existing file. Its permissions stay.
pub fn replace(path: &Path, text: &str) -> Result<(), Error> {
    write(path, text.as_bytes())
}

/// Writes a file, and replaces an existing one. Its permissions stay.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_all(&[(path, bytes)])
}

/// Writes files that belong together. None is replaced before all are complete and on disk; if one
/// of them cannot be renamed then, the error names those that are new.
pub fn write_all(files: &[(&Path, &[u8])]) -> Result<(), Error> {
    let _handling = interrupts::handle();
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| Error::Write { path, source }
    };
    let complete = files.iter().map(|&(path, bytes)| Complete::new(path, bytes).map_err(failed(path)));
    let complete: Vec<Complete> = complete.collect::<Result<_, _>>()?;
    interrupts::check()?;
    for (at, (complete, (path, _))) in complete.into_iter().zip(files).enumerate() {
        complete.rename().map_err(|source| match &files[..at] {
            [] => failed(path)(source),
            new => Error::WriteRest {
                path: path.to_path_buf(),
                new: new.iter().map(|(path, _)| path.to_path_buf()).collect(),
                source,
            },
        })?;
    }
    interrupts::check()
}

/// The new content of a file, on disk next to it.
struct Complete {
    file: NamedTempFile,
    target: PathBuf,
}

impl Complete {
    fn new(path: &Path, bytes: &[u8]) -> io::Result<Self> {
        let target = target(path)?;
        let file = partial_file(&target, bytes)?;
        match fs::metadata(&target) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            before => keep_permissions(file.as_file(), &before?)?,
        }
        file.as_file().sync_all()?;
        Ok(Self { file, target })
    }

    fn rename(self) -> io::Result<()> {
        self.file.persist(&self.target)?;
        Ok(())
    }
}

/// Writes a file, and replaces an existing one.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    partial_file(path, bytes)?.persist(path)?;
    Ok(())
}

/// Writes a new file; [`ErrorKind::AlreadyExists`] if it exists.
pub fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    partial_file(path, bytes)?.persist_noclobber(path)?;
    Ok(())
}

/// A partial file with a unique name in the folder of `path`.
fn partial_file(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let prefix = partial_prefix(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    Ok(file)
}

/// The start of the names of partial files for `path`. A long name is cut, because the full name
/// must not be too long.
pub fn partial_prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", name.chars().take(NAME).collect::<String>())
}

/// Keeps the permissions, and the owner if this user may set it.
fn keep_permissions(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root can set the owner. Other users own their files anyway.
        let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(before.permissions())
}

/// The file that is written for `path`, after following links.
///
/// # Errors
///
/// The folder does not exist, the file is read-only, or the path is not a regular file: a folder, a
/// device, a pipe, a socket, or an open file of a program (`/dev/stdout`).
pub fn target(path: &Path) -> io::Result<PathBuf> {
    if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder(&path).canonicalize()?;
        // `.`, `..` and `/` have no file name.
        let at = folder.join(path.file_name().ok_or(ErrorKind::IsADirectory)?);
        let found = match fs::symlink_metadata(&at) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(at),
            found => found?,
        };
        if !found.is_symlink() {
            return refuse(&found).map(|()| at);
        }
        if has_open_files(&folder) {
            return Err(io::Error::other("it is an open file of a program, or a device"));
        }
        path = folder.join(fs::read_link(&at)?);
    }
    Err(io::Error::other("it is a link to itself"))
}

/// The folder that a file is in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn refuse(found: &Metadata) -> io::Result<()> {
    match special(found.file_type()) {
        Some(kind) => Err(io::Error::other(format!("it is {kind}, not a file"))),
        // A rename would ignore it.
        None if found.permissions().readonly() => Err(io::Error::other("it is read-only")),
        None => Ok(()),
    }
}

/// The kind of a folder or special file; `None` for a regular file.
fn special(kind: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_block_device() || kind.is_char_device() {
            return Some("a device");
        }
        if kind.is_fifo() {
            return Some("a pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    match (kind.is_dir(), kind.is_file()) {
        (true, _) => Some("a directory"),
        (_, true) => None,
        (false, false) => Some("a special file"),
    }
}

/// Whether links in a folder are open files of programs.
fn has_open_files(folder: &Path) -> bool {
    cfg!(unix) && (folder == Path::new("/dev") || folder.starts_with("/dev/fd") || folder.starts_with("/proc"))
}
