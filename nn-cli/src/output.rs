//! Where the weights of a training go: looked at before anything is compiled, so that a training does not end without
//! a place for them.

use std::env;
use std::fs::{self, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

use crate::error::Error;
use crate::replace;
use crate::spec::is_stdin;

/// What the file holds besides the numbers, at most, in bytes: names and shapes.
const HEADER: usize = 1 << 16;

/// So many characters of a name are kept in that of a file for which there is no place.
const STEM: usize = 40;

/// The places for weights.
pub struct Output {
    /// As it was named.
    pub named: PathBuf,
    /// The file for finished weights, the one for unfinished ones, and others for where these cannot be written.
    pub places: Vec<PathBuf>,
    /// The second of these, to be shown.
    pub unfinished: PathBuf,
}

/// The number of the place for weights that are unfinished.
const UNFINISHED: usize = 1;

impl Output {
    /// Weights with so many numbers go to `named`, which must be no file of `inputs`.
    ///
    /// # Errors
    ///
    /// The path leads to what is no file, to a file that is read-only or an input; its folder is not there, cannot be
    /// written, or has too little space.
    pub fn new(named: PathBuf, inputs: &[PathBuf], numbers: usize) -> Result<Self, Error> {
        if is_stdin(&named) {
            return Err(Error::Out { path: named, source: io::Error::other("it is the standard output, not a file") });
        }
        let unfinished = unfinished(&named);
        let mut places = Vec::new();
        for path in [&named, &unfinished] {
            let failed = |source| Error::Out { path: path.clone(), source };
            let target = replace::target(path).map_err(failed)?;
            refuse_input(&target, inputs).map_err(failed)?;
            places.push(target);
        }
        if places[0] == places[UNFINISHED] {
            let both =
                format!("unfinished weights would go there, too: {} leads to the same file", unfinished.display());
            return Err(Error::Out { path: named, source: io::Error::other(both) });
        }
        let folder = replace::folder(&places[0]).to_owned();
        try_space(&folder, numbers * size_of::<f32>() + HEADER)
            .map_err(|source| Error::Out { path: named.clone(), source })?;
        places.extend(others(&named));
        Ok(Self { named, places, unfinished })
    }

    /// A place, to be shown.
    pub fn shown(&self, place: usize) -> &Path {
        match place {
            0 => &self.named,
            UNFINISHED => &self.unfinished,
            other => self.places.get(other).unwrap_or(&self.named),
        }
    }

    /// Whether a place is the one for unfinished weights.
    pub fn is_for_unfinished(place: usize) -> bool {
        place == UNFINISHED
    }

    /// Whether a place is one of those for where the others cannot be written.
    pub fn is_other(place: usize) -> bool {
        place > UNFINISHED
    }
}

/// `digits.unfinished.safetensors` beside `digits.safetensors`.
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

/// Files in the temporary folder, the working folder and the user's, with a name that nothing else has.
fn others(path: &Path) -> Vec<PathBuf> {
    let stem: String = path.file_stem().unwrap_or_default().to_string_lossy().chars().take(STEM).collect();
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    let name = format!("{stem}.rescued-{}-{:x}.safetensors", process::id(), since.as_nanos());
    let folders = [Some(env::temp_dir()), env::current_dir().ok(), env::home_dir()];
    folders.into_iter().flatten().map(|folder| folder.join(&name)).collect()
}

fn refuse_input(target: &Path, inputs: &[PathBuf]) -> io::Result<()> {
    // What is not there is no input.
    let Ok(found) = fs::metadata(target) else { return Ok(()) };
    for input in inputs {
        let Ok(metadata) = fs::metadata(input) else { continue };
        if metadata.is_dir() && is_of_folder(target, input) || is_same(target, &found, input, &metadata) {
            return Err(io::Error::other(format!("the training reads {}", input.display())));
        }
    }
    Ok(())
}

/// Whether a file is one of a folder of images. (Weights may lie there.)
fn is_of_folder(file: &Path, folder: &Path) -> bool {
    let is_weights = file.extension().is_some_and(|extension| extension == "safetensors");
    !is_weights && folder.canonicalize().is_ok_and(|folder| file.starts_with(folder))
}

/// Whether two paths lead to one file, be it by two names of it.
#[cfg(unix)]
fn is_same(_: &Path, a: &Metadata, _: &Path, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two paths lead to one file.
#[cfg(not(unix))]
fn is_same(a: &Path, _: &Metadata, b: &Path, _: &Metadata) -> bool {
    b.canonicalize().is_ok_and(|b| a == b)
}

/// Writes so many bytes to a file without a name, which is gone at once.
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
    fn unfinished_weights_are_beside_the_finished_ones() {
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
