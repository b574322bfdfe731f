//! Files of arrays and images: which the spec names, and what a file is that a user names.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use nn_compiler::model::{ArrayFormat, Arrays, DataSource, Pair};
use nn_data::{ArrayFile, ArrayRequest, TargetKind};

use crate::error::Error;
use crate::examples;
use crate::spec::{Spec, is_stdin};

/// The arrays that a spec names; `place` finds a file.
pub fn request(
    format: &ArrayFormat,
    pair: &Pair,
    spec: &Spec,
    place: impl Fn(&str) -> Result<PathBuf, Error>,
) -> Result<ArrayRequest, Error> {
    let file = |path, format| ArrayFile { path, content: None, format };
    let array = |name: &str| match format {
        ArrayFormat::Idx => Ok(file(place(name)?, nn_data::ArrayFormat::Idx)),
        ArrayFormat::Npy => Ok(file(place(name)?, nn_data::ArrayFormat::Npy)),
        ArrayFormat::Npz { path } => Ok::<_, Error>(file(place(path)?, nn_data::ArrayFormat::Npz(name.to_owned()))),
    };
    Ok(ArrayRequest {
        inputs: array(&pair.inputs)?,
        targets: Some(array(&pair.target)?),
        target_kind: examples::target_kind(spec),
        limits: examples::limits(spec),
    })
}

/// The files that a pair of arrays is in, as the spec names them.
pub fn names<'a>(format: &'a ArrayFormat, pair: &'a Pair) -> Vec<&'a str> {
    match format {
        ArrayFormat::Idx | ArrayFormat::Npy => vec![&pair.inputs, &pair.target],
        ArrayFormat::Npz { path } => vec![path],
    }
}

/// A file that a user names, read once: it may be a pipe.
pub struct Opened {
    /// What errors call it.
    pub path: PathBuf,
    /// What it holds, unpacked where gzip packed it; nothing where it is a folder.
    pub content: Option<Vec<u8>>,
}

impl Opened {
    /// Reads the file, or the standard input for `-`.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if is_stdin(path) {
            let path = PathBuf::from("<stdin>");
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

    /// A text that is in no file.
    pub fn of_text(name: &str, text: String) -> Self {
        Self { path: name.into(), content: Some(text.into_bytes()) }
    }

    /// Whether it is an image, or a folder.
    pub fn is_image(&self) -> bool {
        match &self.content {
            Some(content) => matches!(&content[..], [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, ..]),
            None => true,
        }
    }

    /// The array of inputs that it is, if it is one: an NPZ file holds them by the name that the spec gives them.
    pub fn inputs(&self, spec: &Spec) -> Option<ArrayRequest> {
        let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
        let name = match source {
            Some(DataSource::Arrays(Arrays { format: ArrayFormat::Npz { .. }, pair })) => &pair.inputs,
            Some(DataSource::Arrays(_) | DataSource::Csv { .. } | DataSource::Images(_) | DataSource::Inline(_))
            | None => "x",
        };
        let format = match &self.content.as_deref()? {
            [0x93, b'N', b'U', b'M', ..] => nn_data::ArrayFormat::Npy,
            [b'P', b'K', ..] => nn_data::ArrayFormat::Npz(name.to_owned()),
            [0, 0, _, _, ..] => nn_data::ArrayFormat::Idx,
            _ => return None,
        };
        let inputs = ArrayFile { path: self.path.clone(), content: self.content.clone(), format };
        let limits = examples::limits(spec);
        Some(ArrayRequest { inputs, targets: None, target_kind: TargetKind::Numbers, limits })
    }
}
