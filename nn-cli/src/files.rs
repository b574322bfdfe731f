//! Files of arrays and images: those that the spec names, and the kind of a file that a user names.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use nn_compiler::model::{self, ArrayFormat, DataSource, Pair};
use nn_data::{ArrayFile, ArrayRequest, TargetKind};

use crate::error::Error;
use crate::limits::{limits, target_kind};
use crate::spec::{STDIN, Spec, is_stdin};

/// A request for the arrays that a spec names. `find` returns the path of a file.
pub fn request(
    format: &ArrayFormat,
    pair: &Pair,
    spec: &Spec,
    find: impl Fn(&str) -> Result<PathBuf, Error>,
) -> Result<ArrayRequest, Error> {
    let file = |path, format| ArrayFile { path, content: None, format };
    let array = |name: &str| match format {
        ArrayFormat::Idx => Ok(file(find(name)?, nn_data::ArrayFormat::Idx)),
        ArrayFormat::Npy => Ok(file(find(name)?, nn_data::ArrayFormat::Npy)),
        ArrayFormat::Npz { path } => Ok::<_, Error>(file(find(path)?, nn_data::ArrayFormat::Npz(name.to_owned()))),
    };
    Ok(ArrayRequest {
        inputs: array(&pair.inputs)?,
        targets: Some(array(&pair.target)?),
        target_kind: target_kind(spec),
        limits: limits(spec),
    })
}

/// The files of a pair of arrays, as the spec names them.
pub fn names<'a>(format: &'a ArrayFormat, pair: &'a Pair) -> Vec<&'a str> {
    match format {
        ArrayFormat::Idx | ArrayFormat::Npy => vec![&pair.inputs, &pair.target],
        ArrayFormat::Npz { path } => vec![path],
    }
}

/// A file that a user names. It is read once, because it may be a pipe.
pub struct Opened {
    /// Its name in messages.
    pub path: PathBuf,
    /// Its content, decompressed if it is gzip; `None` for a folder.
    pub content: Option<Vec<u8>>,
}

impl Opened {
    /// Reads the file, or the standard input for `-`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if is_stdin(path) {
            let path = PathBuf::from(STDIN);
            let content = nn_data::read_unpacked(&path, io::stdin().lock())?;
            return Ok(Self { path, content: Some(content) });
        }
        let path = nn_data::existing(path);
        if path.is_dir() {
            return Ok(Self { path, content: None });
        }
        let file = File::open(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
        let content = nn_data::read_unpacked(&path, file)?;
        Ok(Self { path, content: Some(content) })
    }

    /// A text that is not in a file.
    pub fn from_text(name: &str, text: String) -> Self {
        Self { path: name.into(), content: Some(text.into_bytes()) }
    }

    /// Whether it is an image or a folder.
    pub fn is_image(&self) -> bool {
        match &self.content {
            Some(content) => matches!(&content[..], [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, ..]),
            None => true,
        }
    }

    /// A request for its inputs, if it is an array. In an NPZ file they have the name that the spec
    /// uses, or `x`.
    pub fn inputs(&self, spec: &Spec) -> Option<ArrayRequest> {
        let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
        let name = match source {
            Some(DataSource::Arrays(model::Arrays { format: ArrayFormat::Npz { .. }, pair })) => &pair.inputs,
            Some(DataSource::Arrays(_) | DataSource::Csv { .. } | DataSource::Images(_) | DataSource::Inline(_))
            | None => "x",
        };
        let format = match &self.content.as_deref()? {
            [0x93, b'N', b'U', b'M', ..] => nn_data::ArrayFormat::Npy,
            [b'P', b'K', 3 | 5, ..] => nn_data::ArrayFormat::Npz(name.to_owned()),
            [0, 0, _, _, ..] => nn_data::ArrayFormat::Idx,
            _ => return None,
        };
        let inputs = ArrayFile { path: self.path.clone(), content: self.content.clone(), format };
        let limits = limits(spec);
        Some(ArrayRequest { inputs, targets: None, target_kind: TargetKind::Numbers, limits })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::spec::SpecFile;

    #[test]
    fn a_file_is_recognized_by_its_content() {
        let text = "network N { input x: [2]; output y = x -> dense(1); }";
        let spec = SpecFile::compile("n.nn".into(), text.to_owned()).spec.unwrap();
        let opened = |content: &[u8]| Opened { path: "rows".into(), content: Some(content.to_vec()) };
        let format = |content: &[u8]| opened(content).inputs(&spec).map(|request| request.inputs.format);
        assert_eq!(format(b"\x93NUMPY\x01\x00"), Some(nn_data::ArrayFormat::Npy));
        assert_eq!(format(b"PK\x03\x04"), Some(nn_data::ArrayFormat::Npz("x".to_owned())));
        assert_eq!(format(b"\0\0\x08\x02"), Some(nn_data::ArrayFormat::Idx));
        for text in [&b""[..], b"P", b"PK,x\n1,2\n", b"x1,x2\n", "\u{feff}x1".as_bytes()] {
            assert!(format(text).is_none() && !opened(text).is_image(), "{text:?}");
        }
        assert!(opened(b"\x89PNG\r\n").is_image() && opened(b"\xff\xd8\xff").is_image());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_with_a_name_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let text = "a,b\n".to_owned() + &"1,2\n".repeat(100_000);
        let (into, sent) = (path.clone(), text.clone());
        let writer = std::thread::spawn(move || fs::write(into, sent));
        let read = Opened::read(&path).unwrap();
        writer.join().unwrap().unwrap();
        assert!(read.path == path && read.content == Some(text.into_bytes()));
    }
}
