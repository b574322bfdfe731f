//! Files that are replaced as a whole or not at all.
//!
//! A file is written beside its place, as `.NAME.PROCESS-COUNT.partial`, and renamed when it is
//! complete and on disk, so that an interrupted write loses nothing. A link stays a link: its
//! target is replaced. The owner and the permissions of a file stay. Anything but a file (a device,
//! a pipe, a socket, a folder) is refused.
//!
//! `nn` does not depend on this crate and has a `replace.rs` of its own. It removes the partial
//! files of a program that was killed, by their names: change both together.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A chain of more links than this is treated as a cycle.
const MOST_LINKS: usize = 40;

/// How many characters of a name are kept in that of the temporary file, which must not be too
/// long.
const NAME: usize = 40;

/// Writes a file beside `path`, and puts it there once it is complete and on disk.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let (path, before) = target(path)?;
    let folder = folder(&path);
    let (partial, file) = create_beside(&path, folder)?;
    let written = (|| {
        let mut writer = BufWriter::new(file);
        write(&mut writer)?;
        let file = writer.into_inner()?;
        if let Some(before) = before {
            keep_permissions(&file, &before)?;
        }
        file.sync_all()?;
        fs::rename(&partial, &path)
    })();
    if written.is_err() {
        // The first error is the one worth telling; what is left over harms nothing.
        let _ = fs::remove_file(&partial);
        return written;
    }
    sync_folder(folder)
}

/// The file that is written for `path`, and what is there now.
fn target(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let found = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((path, None)),
            found => found?,
        };
        if found.is_symlink() {
            path = folder(&path).join(fs::read_link(&path)?);
            continue;
        }
        return match found.is_file() {
            true => Ok((path, Some(found))),
            false => Err(io::Error::new(ErrorKind::InvalidInput, "what is there is not a file")),
        };
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "it is a link to itself"))
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A new file in `folder`, with a name that nothing else has.
fn create_beside(path: &Path, folder: &Path) -> io::Result<(PathBuf, File)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().ok_or(io::Error::from(ErrorKind::InvalidFilename))?.to_string_lossy();
    let name: String = name.chars().take(NAME).collect();
    loop {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let partial = folder.join(format!(".{name}.{}-{count}.partial", std::process::id()));
        match File::create_new(&partial) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (partial, file)),
        }
    }
}

/// The owner, as far as this user may, and the permissions.
fn keep_permissions(file: &File, before: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        // Only root can give files away; the file of any other user stays that user's.
        let _ = fchown(file, Some(before.uid()), Some(before.gid()));
    }
    file.set_permissions(before.permissions())
}

/// Makes a rename survive a power cut, where a folder can be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
        replace(path, |file| file.write_all(bytes))
    }

    #[test]
    fn a_write_that_fails_half_way_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        replace(&path, |file| file.write_all(b"old")).unwrap();
        let failed = replace(&path, |file| {
            file.write_all(&[0; 100_000])?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("far")).unwrap();
        put(&at("far/real"), b"old").unwrap();
        fs::set_permissions(at("far/real"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("far/real", at("link")).unwrap();
        symlink("link", at("second")).unwrap();
        symlink("far/new", at("dangling")).unwrap();
        symlink("circle", at("circle")).unwrap();

        put(&at("second"), b"new").unwrap();
        put(&at("dangling"), b"new").unwrap();
        for name in ["far/real", "far/new"] {
            assert_eq!(fs::read(at(name)).unwrap(), b"new", "{name}");
        }
        assert_eq!(fs::metadata(at("far/real")).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_link(at("second")).unwrap(), Path::new("link"));
        assert_eq!(fs::read_link(at("dangling")).unwrap(), Path::new("far/new"));
        assert_eq!(put(&at("circle"), b"new").unwrap_err().to_string(), "it is a link to itself");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [&*socket, folder.path()] {
            assert_eq!(put(path, b"new").unwrap_err().to_string(), "what is there is not a file", "{path:?}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
