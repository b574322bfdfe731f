//! The files for the weights of a training. They are checked before anything is compiled, so that
//! no training ends without a file for its weights.

use std::env;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::error::Error;
use crate::replace;
use crate::spec::is_stdin;

/// An upper bound for the header (names and shapes) of a weights file, in bytes.
const HEADER: usize = 1 << 16;

/// The name of a rescue file keeps this many characters of the original name.
const STEM: usize = 40;

/// The files for the weights of a training.
pub struct Output {
    /// The file for finished weights, as the user named it.
    pub named: PathBuf,
    /// The file for unfinished weights, next to it.
    pub unfinished: PathBuf,
    /// The files that are written, by their [number](OutputFile::numbered). Links are resolved.
    pub files: Vec<PathBuf>,
}

/// One of the files for weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFile {
    /// For the weights of a finished training.
    Finished,
    /// For the weights of a training that was stopped or failed.
    Unfinished,
    /// For weights whose file cannot be written, by its number.
    Rescue(usize),
}

impl OutputFile {
    /// The file with this number in [`Output::files`].
    pub fn numbered(number: usize) -> Self {
        match number {
            0 => Self::Finished,
            1 => Self::Unfinished,
            number => Self::Rescue(number),
        }
    }
}

impl Output {
    /// Weights with `numbers` numbers go to `named`, which must not be one of the files `inputs`.
    ///
    /// # Errors
    ///
    /// The path does not name a regular file, or names a file that is read-only or an input; its
    /// folder does not exist, cannot be written or has too little space.
    pub fn new(named: PathBuf, inputs: &[PathBuf], numbers: usize) -> Result<Self, Error> {
        if is_stdin(&named) {
            return Err(Error::Out { path: named, source: io::Error::other("it is the standard output, not a file") });
        }
        let unfinished = unfinished(&named);
        let mut files = Vec::new();
        for path in [&named, &unfinished] {
            let failed = |source| Error::Out { path: path.clone(), source };
            let target = replace::target(path).map_err(failed)?;
            refuse_input(&target, inputs).map_err(failed)?;
            files.push(target);
        }
        if files[0] == files[1] {
            let both = format!("unfinished weights would go there too: {} is the same file", unfinished.display());
            return Err(Error::Out { path: named, source: io::Error::other(both) });
        }
        let folder = replace::folder(&files[0]).to_owned();
        try_space(&folder, numbers * size_of::<f32>() + HEADER)
            .map_err(|source| Error::Out { path: named.clone(), source })?;
        files.extend(rescue_files(&named));
        Ok(Self { named, unfinished, files })
    }

    /// A file as messages show it.
    pub fn shown(&self, file: OutputFile) -> &Path {
        match file {
            OutputFile::Finished => &self.named,
            OutputFile::Unfinished => &self.unfinished,
            OutputFile::Rescue(number) => self.files.get(number).unwrap_or(&self.named),
        }
    }
}

/// `digits.unfinished.safetensors`, next to `digits.safetensors`.
fn unfinished(path: &Path) -> PathBuf {
    let stem = if path.extension().is_some_and(|extension| extension == "safetensors") {
        path.file_stem()
    } else {
        path.file_name()
    };
    let mut name = stem.unwrap_or_default().to_owned();
    name.push(".unfinished.safetensors");
    path.with_file_name(name)
}

/// Files with a unique name in the temporary folder, the working folder and the home folder.
fn rescue_files(path: &Path) -> Vec<PathBuf> {
    let stem: String = path.file_stem().unwrap_or_default().to_string_lossy().chars().take(STEM).collect();
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    let name = format!("{stem}.rescued-{}-{:x}.safetensors", process::id(), since.as_nanos());
    let folders = [Some(env::temp_dir()), env::current_dir().ok(), env::home_dir()];
    folders.into_iter().flatten().map(|folder| folder.join(&name)).collect()
}

/// An error if a file that is to be written is one of those that are read, also through links.
pub fn refuse_input(target: &Path, inputs: &[PathBuf]) -> io::Result<()> {
    // A file that does not exist is not an input.
    let Ok(found) = fs::metadata(target) else { return Ok(()) };
    for input in inputs {
        let Ok(metadata) = fs::metadata(input) else { continue };
        if metadata.is_dir() && is_of_folder(target, input) || is_same(target, &found, input, &metadata) {
            return Err(io::Error::other(format!("this command reads {}", input.display())));
        }
    }
    Ok(())
}

/// Whether a file is in a folder of images. Weights may be in such a folder.
fn is_of_folder(file: &Path, folder: &Path) -> bool {
    let is_weights = file.extension().is_some_and(|extension| extension == "safetensors");
    !is_weights && folder.canonicalize().is_ok_and(|folder| file.starts_with(folder))
}

/// Whether two paths name the same file, also through links.
#[cfg(unix)]
fn is_same(_: &Path, a: &Metadata, _: &Path, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two paths name the same file.
#[cfg(not(unix))]
fn is_same(a: &Path, _: &Metadata, b: &Path, _: &Metadata) -> bool {
    b.canonicalize().is_ok_and(|b| a == b)
}

/// Checks that the folder has space for this many bytes, by writing them to a temporary file.
fn try_space(folder: &Path, bytes: usize) -> io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    let zeros = vec![0; HEADER];
    for start in (0..bytes).step_by(HEADER) {
        file.write_all(&zeros[..HEADER.min(bytes - start)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_weights_are_next_to_the_finished_ones() {
        let names = [
            ("a/digits.safetensors", "a/digits.unfinished.safetensors"),
            ("digits.v1.safetensors", "digits.v1.unfinished.safetensors"),
            ("weights", "weights.unfinished.safetensors"),
            ("weights.bin", "weights.bin.unfinished.safetensors"),
        ];
        for (named, expected) in names {
            assert_eq!(unfinished(Path::new(named)), Path::new(expected));
        }
    }
}
