//! Where an array is, and reading it.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::array::Array;
use crate::content_error::ContentError;
use crate::error::Error;
use crate::origin::Origin;
use crate::{idx, npy, npz, unpack};

/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayFile {
    /// The file; for a path that does not exist, the same path with or without `.gz`.
    pub path: PathBuf,
    /// The contents, if they were already read, for example from a pipe. Errors still call it
    /// `path`.
    pub content: Option<Vec<u8>>,
    /// What it is.
    pub format: ArrayFormat,
}

/// The format of an array. Each may be compressed with gzip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrayFormat {
    /// The format of MNIST.
    Idx,
    /// An array of NumPy.
    Npy,
    /// An array of this name in an archive of NumPy.
    Npz(String),
}

impl ArrayFile {
    /// What errors call it.
    pub fn origin(&self) -> Origin {
        let name = match &self.format {
            ArrayFormat::Idx | ArrayFormat::Npy => None,
            ArrayFormat::Npz(name) => Some(name.clone()),
        };
        Origin::Array { path: self.path.clone(), name }
    }

    /// Reads it.
    pub(crate) fn read(&self) -> Result<Array, Error> {
        if let Some(content) = &self.content {
            return self.parse(&content[..]).map_err(|error| self.content_error(&self.path, error));
        }
        let path = unpack::existing(&self.path);
        self.parse(unpack::open(&path)?).map_err(|error| self.content_error(&path, error))
    }

    fn parse(&self, file: impl Read) -> Result<Array, ContentError> {
        let bytes = unpack::unpacked(file)?;
        match &self.format {
            ArrayFormat::Idx => idx::parse(&bytes),
            ArrayFormat::Npy => npy::parse(&bytes),
            ArrayFormat::Npz(name) => npy::parse(&npz::member(&bytes, name)?),
        }
    }

    fn content_error(&self, path: &Path, error: ContentError) -> Error {
        let origin = match self.origin() {
            Origin::Array { name, .. } => Origin::Array { path: path.to_owned(), name },
            origin => origin,
        };
        Error::Content { origin, error }
    }
}
