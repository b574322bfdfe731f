//! Examples from files: tables, arrays and images in, `ndarray` arrays out.
//!
//! [`load`] reads the file that a [`Request`] names into a [`Table`]: the inputs as a matrix with a
//! row per example, the targets as class numbers or as a matrix, and the [`Encoding`] that says how
//! text became numbers. [`load_with`] reads another file by the encoding of an earlier one, so that
//! a trained network sees the same categories and classes in the same order. [`split`] sets
//! validation rows aside, and [`summarize`] describes a file without turning it into numbers.
//!
//! [`load_arrays`] does the same with arrays of numbers (IDX, NPY, NPZ; compressed with gzip or
//! not), and [`load_images`] with folders of images.
//!
//! Guarantees: no input panics, nothing is printed, every number of a table is finite, and an error
//! names the file, line and column in question and lists the first cells of each column at once
//! ([`CellErrors`]).
//!
//! ```
//! # fn main() -> Result<(), nn_data::Error> {
//! use nn_data::{Request, TargetKind, load, split};
//!
//! let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/iris.csv");
//! let kind = TargetKind::Class { classes: Some(3) };
//! let table = load(&Request::new(iris, ["species"], kind))?;
//! assert_eq!(table.inputs.dim(), (150, 4));
//!
//! let rows = split(&table, 0.2, 42)?;
//! let (train, validation) = (table.take(&rows.train), table.take(&rows.validation));
//! assert_eq!((train.rows(), validation.rows()), (120, 30));
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The code of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod advice;
mod alike;
mod array;
mod array_file;
mod bytes;
mod cell;
mod cell_errors;
mod classes;
mod collapse;
mod content_error;
mod encoding;
mod error;
mod fingerprint;
#[cfg(feature = "images")]
mod folder;
mod idx;
mod images;
mod index;
mod inline;
mod labels;
mod limit;
mod limits;
#[cfg(feature = "images")]
mod listing;
mod load;
mod looks;
mod nearest;
mod npy;
mod npz;
mod number;
mod origin;
mod pair;
#[cfg(feature = "images")]
mod pixels;
mod problem;
mod quotes;
mod reading;
mod remedy;
mod request;
mod seems;
mod selection;
mod source;
mod split;
mod summary;
mod table;
mod unpack;
mod weights;
mod wording;

pub use array_file::{ArrayFile, ArrayFormat};
pub use bytes::{are_bytes, bytes_of};
pub use cell_errors::CellErrors;
pub use collapse::Collapsed;
pub use content_error::ContentError;
pub use encoding::{Column, Encoding, categories_key, classes_key, names_of};
pub use error::{Error, UnknownColumn};
pub use fingerprint::fingerprint_of_rows;
#[cfg(feature = "images")]
pub use folder::load_images;
pub use images::ImageRequest;
#[cfg(not(feature = "images"))]
pub use images::load_images;
pub use index::Index;
pub use limit::Limit;
pub use limits::Limits;
pub use load::{load, load_with};
pub use npz::{NamedArray, npz_arrays};
pub use origin::Origin;
pub use pair::{ArrayRequest, load_arrays};
pub use problem::{CellError, Problem};
pub use remedy::Remedy;
pub use request::{Missing, Request, TargetKind};
pub use source::cells;
pub use split::{Split, split};
pub use summary::{ColumnKind, ColumnSummary, Role, Summary, summarize};
pub use table::{Table, TargetColumn, Targets};
pub use unpack::{existing, read_unpacked};
