//! Files of arrays and images: which the spec names, and what a file is that a user names.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use nn_compiler::model::{ArrayFormat, Arrays, DataSource, Pair};
use nn_data::{ArrayFile, ArrayRequest, TargetKind};

use crate::error::Error;
use crate::spec::Spec;

/// The arrays that a spec names; `place` finds a file.
pub fn request(
    format: &ArrayFormat,
    pair: &Pair,
    target_kind: TargetKind,
    place: impl Fn(&str) -> Result<PathBuf, Error>,
) -> Result<ArrayRequest, Error> {
    let file = |name: &str| match format {
        ArrayFormat::Idx => Ok(ArrayFile { path: place(name)?, format: nn_data::ArrayFormat::Idx }),
        ArrayFormat::Npy => Ok(ArrayFile { path: place(name)?, format: nn_data::ArrayFormat::Npy }),
        ArrayFormat::Npz { path } => {
            Ok::<_, Error>(ArrayFile { path: place(path)?, format: nn_data::ArrayFormat::Npz(name.to_owned()) })
        }
    };
    Ok(ArrayRequest { inputs: file(&pair.inputs)?, targets: Some(file(&pair.target)?), target_kind })
}

/// The array of inputs that a file is, if it is one: an NPZ file holds them by the name that the spec gives them.
pub fn inputs(spec: &Spec, path: &Path) -> Result<Option<ArrayRequest>, Error> {
    let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
    let arrays = match source {
        Some(DataSource::Arrays(arrays)) => Some(arrays),
        Some(DataSource::Csv { .. } | DataSource::Images(_) | DataSource::Inline(_)) | None => None,
    };
    let format = match (&start(path)?[..], arrays) {
        ([0x93, b'N', b'U', b'M', ..], _) => nn_data::ArrayFormat::Npy,
        ([b'P', b'K', ..], Some(Arrays { format: ArrayFormat::Npz { .. }, pair })) => {
            nn_data::ArrayFormat::Npz(pair.inputs.clone())
        }
        ([b'P', b'K', ..], _) => nn_data::ArrayFormat::Npz("x".to_owned()),
        ([0x1f, 0x8b, ..], Some(Arrays { format: ArrayFormat::Npy, .. })) => nn_data::ArrayFormat::Npy,
        ([0x1f, 0x8b, ..] | [0, 0, _, _], _) => nn_data::ArrayFormat::Idx,
        _ => return Ok(None),
    };
    let inputs = ArrayFile { path: path.to_owned(), format };
    Ok(Some(ArrayRequest { inputs, targets: None, target_kind: TargetKind::Numbers }))
}

/// Whether the path leads to an image, or to a folder.
pub fn is_image(path: &Path) -> Result<bool, Error> {
    Ok(path.is_dir() || matches!(&start(path)?[..], [0x89, b'P', b'N', b'G'] | [0xff, 0xd8, ..]))
}

/// The first four bytes of a file, or fewer where there are not so many; none of a folder.
fn start(path: &Path) -> Result<Vec<u8>, Error> {
    let mut start = Vec::new();
    if !path.is_dir() {
        let read = File::open(path).and_then(|file| file.take(4).read_to_end(&mut start));
        read.map_err(|source| Error::Read { path: path.to_owned(), source })?;
    }
    Ok(start)
}
