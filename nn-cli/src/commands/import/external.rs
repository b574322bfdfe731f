//! Files that an ONNX model names for its tensors. They are in its folder, or below it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use nn_onnx::External;

/// Reads a part of a file that a model in this folder names.
///
/// # Errors
///
/// The path leads outside of the folder, also through links, or names something else than a file; the file cannot be
/// read, or is shorter than the model says.
pub fn read(folder: &Path, external: &External) -> Result<Vec<u8>, String> {
    let location = &external.location;
    let path = Path::new(location);
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let outside = || format!("its numbers are in `{location}`, which is not in the folder of the model");
    if location.is_empty() || !is_below {
        return Err(outside());
    }
    let failed = |error: std::io::Error| format!("its numbers are in `{location}`: {error}");
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let found = folder.join(path).canonicalize().map_err(failed)?;
    if !found.starts_with(folder.canonicalize().map_err(failed)?) {
        return Err(outside());
    }
    if !found.is_file() {
        return Err(format!("its numbers are in `{location}`, which is not a file"));
    }
    let mut file = File::open(&found).map_err(failed)?;
    let all = file.metadata().map_err(failed)?.len();
    let rest = all.checked_sub(external.offset);
    let length = external.length.or(rest).filter(|length| rest.is_some_and(|rest| *length <= rest));
    let length =
        length.ok_or_else(|| format!("its numbers are beyond the end of `{location}`, which has {all} bytes"))?;
    file.seek(SeekFrom::Start(external.offset)).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn external(location: &str, offset: u64, length: Option<u64>) -> External {
        External { location: location.to_owned(), offset, length }
    }

    #[test]
    fn parts_of_files_in_the_folder_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("weights.bin"), b"abcdef").unwrap();
        let read = |location: &str, offset, length| read(folder.path(), &external(location, offset, length));
        assert_eq!(read("weights.bin", 2, Some(3)), Ok(b"cde".to_vec()));
        assert_eq!(read("./weights.bin", 4, None), Ok(b"ef".to_vec()));
        let beyond = "its numbers are beyond the end of `weights.bin`, which has 6 bytes";
        assert_eq!(read("weights.bin", 4, Some(3)), Err(beyond.to_owned()));
        assert_eq!(read("weights.bin", 7, None), Err(beyond.to_owned()));
    }

    #[test]
    fn other_files_are_not_read() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("model");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(outer.path().join("secret"), b"abc").unwrap();
        let absolute = outer.path().join("secret");
        for location in ["../secret", "", absolute.to_str().unwrap()] {
            let message = format!("its numbers are in `{location}`, which is not in the folder of the model");
            assert_eq!(read(&folder, &external(location, 0, None)), Err(message));
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&absolute, folder.join("link")).unwrap();
            assert!(read(&folder, &external("link", 0, None)).unwrap_err().contains("not in the folder"));
        }
    }
}
