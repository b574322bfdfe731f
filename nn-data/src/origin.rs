//! Where examples came from.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::wording::quoted;

/// Where examples came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// An array.
    Array {
        /// The file.
        path: PathBuf,
        /// The name of the array, where a file holds several.
        name: Option<String>,
    },
    /// An image, or a folder of images.
    Images(PathBuf),
    /// Rows without a file.
    Inline,
}

impl Origin {
    /// What a row is called here.
    pub fn unit(&self) -> &'static str {
        match self {
            Origin::File(_) => "line",
            Origin::Array { .. } => "row",
            Origin::Images(_) => "image",
            Origin::Inline => "example",
        }
    }
}

impl Display for Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) | Origin::Images(path) | Origin::Array { path, name: None } => {
                write!(f, "{}", path.display())
            }
            Origin::Array { path, name: Some(name) } => write!(f, "{} (array {})", path.display(), quoted(name)),
            Origin::Inline => f.write_str("the inline examples"),
        }
    }
}
