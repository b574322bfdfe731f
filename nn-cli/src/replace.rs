//! Files that are replaced as a whole or not at all.
//!
//! A file is written beside its place, as `.NAME.XXXXXX.partial`, and renamed, so that an interruption or a full disk
//! loses nothing. Links stay links: what they lead to is replaced. What is no file (a device, a pipe) is refused, and so
//! is a file that is read-only.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::interrupts;

/// A chain of more links than this is taken for a circle.
const MOST_LINKS: usize = 40;

/// So many characters of a name are kept in that of a file beside it.
const NAME: usize = 40;

/// Replaces a file that is there. Its permissions stay.
pub fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let _handling = interrupts::handle();
    replace_target(path, text.as_bytes()).map_err(|source| Error::Write { path: path.to_owned(), source })?;
    interrupts::check()
}

fn replace_target(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = target(path)?;
    let file = beside(&path, bytes)?;
    keep_permissions(file.as_file(), &fs::metadata(&path)?)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// Writes a file, instead of the one that is there if one is.
pub fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    beside(path, bytes)?.persist(path)?;
    Ok(())
}

/// Writes a file that is not there yet; [`ErrorKind::AlreadyExists`] where it is.
pub fn put_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    beside(path, bytes)?.persist_noclobber(path)?;
    Ok(())
}

/// A file with a name of its own in the folder of `path`.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let prefix = partial(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder(path))?;
    file.write_all(bytes)?;
    Ok(file)
}

/// How the names of files begin that are written beside `path`. A long name is cut, so that there is room for the rest.
pub fn partial(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{}.", name.chars().take(NAME).collect::<String>())
}

/// The owner, as far as this user may, and the permissions.
fn keep_permissions(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root can give files away, and who cannot has a file of his own.
        let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(before.permissions())
}

/// The file that is written for `path`: what its links lead to.
///
/// # Errors
///
/// The folder is not there, the file is read-only, or the path leads to what is no file: a folder, a device, a pipe, a
/// socket, or an open file of a program (`/dev/stdout`).
pub fn target(path: &Path) -> io::Result<PathBuf> {
    if path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(ErrorKind::IsADirectory.into());
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder(&path).canonicalize()?;
        // Without a name it is `.`, `..` or `/`.
        let at = folder.join(path.file_name().ok_or(ErrorKind::IsADirectory)?);
        let found = match fs::symlink_metadata(&at) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(at),
            found => found?,
        };
        if !found.is_symlink() {
            return refuse(&found).map(|()| at);
        }
        if is_of_the_system(&folder) {
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
        // A rename does not ask for it.
        None if found.permissions().readonly() => Err(io::Error::other("it is read-only")),
        None => Ok(()),
    }
}

/// What is no file.
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
        (false, false) => Some("something special"),
    }
}

/// Folders whose links are the open files of programs.
fn is_of_the_system(folder: &Path) -> bool {
    cfg!(unix) && (folder == Path::new("/dev") || folder.starts_with("/dev/fd") || folder.starts_with("/proc"))
}
