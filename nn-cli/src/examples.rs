//! The data of a spec: read, checked against the sizes of the network, and split.

use std::path::{Path, PathBuf};

use nn_compiler::model::{Data, DataSource, Images, Pair, Validation};
use nn_data::{Encoding, ImageRequest, Missing, Request, Table, TargetKind, Targets};

use crate::arrays::Rows;
use crate::console;
use crate::error::Error;
use crate::files::{self, Opened};
use crate::limits::{limits, target_kind};
use crate::non_finite::RowNames;
use crate::shapes;
use crate::spec::Spec;

/// The data of a spec.
pub struct Examples {
    /// The rows of the spec's data source.
    pub table: Table,
    /// The validation rows, if they are in their own files.
    pub validation: Option<Table>,
    /// The share of `table` that is held back for validation; 0 if validation rows are in their own
    /// files.
    pub share: f64,
}

/// The data in two parts.
pub struct Parts<'a> {
    /// The training rows.
    pub train: Rows<'a>,
    /// The validation rows. There may be none.
    pub validation: Rows<'a>,
}

impl Examples {
    /// Reads the data of a spec. `folder` replaces the spec's folder of files. `encoding` is that
    /// of an earlier training, if there was one.
    pub fn load(spec: &Spec, folder: Option<&Path>, encoding: Option<&Encoding>) -> Result<Self, Error> {
        let reader = Reader::new(spec, folder)?;
        let table = reader.source(encoding)?;
        let (validation, share) = match &reader.data.validation {
            Validation::Share(share) => (None, *share),
            Validation::File(path) => (Some(reader.file(path, &table.encoding)?), 0.0),
            Validation::Arrays(pair) => (Some(reader.arrays(pair, Some(&table.encoding))?), 0.0),
        };
        Ok(Self { table, validation, share })
    }

    /// Splits the rows into training and validation rows.
    pub fn split(&self, seed: u64) -> Result<Parts<'_>, Error> {
        if let Some(validation) = &self.validation {
            return Ok(Parts { train: Rows::all(&self.table), validation: Rows::all(validation) });
        }
        let rows = nn_data::split(&self.table, self.share as f32, seed)?;
        let of = |rows| Rows::some(&self.table, rows);
        let parts = Parts { train: of(rows.train), validation: of(rows.validation) };
        // The loss of such a part is 0 whatever the network predicts.
        for (part, what) in [(&parts.train, "training"), (&parts.validation, "validation")] {
            let weights = self.table.weights.as_ref().map(|weights| part.each(weights));
            if weights.is_some_and(|weights| !weights.is_empty() && weights.iter().all(|weight| *weight == 0.0)) {
                return Err(Error::NoWeight { what });
            }
        }
        Ok(parts)
    }

    /// Notes about the files, a sentence each.
    pub fn notes(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.table).chain(&self.validation).flat_map(|table| &table.notes)
    }

    /// Prints the notes about the files.
    pub fn show_notes(&self) {
        std::iter::once(&self.table).chain(&self.validation).for_each(show_notes);
    }

    /// The names of the rows of both parts.
    pub fn row_names(&self, spec: &Spec, parts: &Parts) -> Vec<RowNames> {
        let of_validation = if self.validation.is_some() { validation_file(spec) } else { source_file(spec) };
        vec![
            RowNames::new("train", source_file(spec), &parts.train),
            RowNames::new("validation", of_validation, &parts.validation),
        ]
    }

    /// How many rows were skipped because of missing cells.
    pub fn dropped(&self) -> usize {
        self.table.dropped + self.validation.as_ref().map_or(0, |validation| validation.dropped)
    }
}

/// Prints the notes about a file.
pub fn show_notes(table: &Table) {
    for note in &table.notes {
        console::note(note);
    }
}

/// The data file of a spec, as the spec names it.
pub fn source_file(spec: &Spec) -> Option<String> {
    match &spec.compiled.model.data.as_ref()?.source {
        DataSource::Csv { path, .. } => Some(path.clone()),
        DataSource::Arrays(arrays) => Some(arrays.pair.inputs.clone()),
        DataSource::Images(images) => Some(images.path.clone()),
        DataSource::Inline(_) => None,
    }
}

/// The file of the validation rows, if they are in their own file.
pub fn validation_file(spec: &Spec) -> Option<String> {
    match &spec.compiled.model.data.as_ref()?.validation {
        Validation::Share(_) => None,
        Validation::File(path) => Some(path.clone()),
        Validation::Arrays(pair) => Some(pair.inputs.clone()),
    }
}

/// Reads the data files of a spec.
struct Reader<'a> {
    spec: &'a Spec,
    data: &'a Data,
    /// The folder with the files.
    folder: PathBuf,
}

impl<'a> Reader<'a> {
    fn new(spec: &'a Spec, folder: Option<&Path>) -> Result<Self, Error> {
        let data = spec.data()?;
        match folder {
            Some(_) if matches!(data.source, DataSource::Inline(_)) => {
                return Err(Error::NoDataFiles { path: spec.path.clone() });
            }
            Some(folder) if !folder.is_dir() => return Err(Error::NotAFolder { path: folder.to_owned() }),
            Some(_) | None => {}
        }
        let own = || spec.folder().join(data.folder.as_deref().unwrap_or_default());
        Ok(Self { spec, data, folder: folder.map_or_else(own, Path::to_owned) })
    }

    /// The rows of the spec's data source.
    fn source(&self, encoding: Option<&Encoding>) -> Result<Table, Error> {
        let table = match &self.data.source {
            DataSource::Inline(rows) => {
                let inputs: Vec<Vec<f64>> = rows.iter().map(|row| row.inputs.clone()).collect();
                let targets: Vec<Vec<f64>> = rows.iter().map(|row| row.targets.clone()).collect();
                Table::from_rows(&inputs, &targets, &target_kind(self.spec))?
            }
            DataSource::Csv { path, .. } => {
                let path = self.path(path)?;
                let request = request(self.spec, &path);
                match encoding {
                    Some(encoding) => nn_data::load_with(&request, encoding)?,
                    None => nn_data::load(&request)?,
                }
            }
            DataSource::Arrays(arrays) => return self.arrays(&arrays.pair, encoding),
            DataSource::Images(images) => self.images(images, &images.path, encoding)?,
        };
        checked(self.spec, table)
    }

    /// The rows of another csv file, or of another folder of images.
    fn file(&self, path: &str, encoding: &Encoding) -> Result<Table, Error> {
        let table = match &self.data.source {
            DataSource::Images(images) => self.images(images, path, Some(encoding))?,
            DataSource::Csv { .. } | DataSource::Arrays(_) | DataSource::Inline(_) => {
                nn_data::load_with(&request(self.spec, &self.path(path)?), encoding)?
            }
        };
        checked(self.spec, table)
    }

    fn arrays(&self, pair: &Pair, encoding: Option<&Encoding>) -> Result<Table, Error> {
        let DataSource::Arrays(arrays) = &self.data.source else { return Err(self.spec.without_data()) };
        let request = files::request(&arrays.format, pair, self.spec, |path| self.path(path))?;
        checked(self.spec, nn_data::load_arrays(&request, encoding)?)
    }

    fn images(&self, images: &Images, path: &str, encoding: Option<&Encoding>) -> Result<Table, Error> {
        let request = image_request(self.spec, &self.path(path)?, images.resize, true);
        Ok(nn_data::load_images(&request, encoding)?)
    }

    /// The path of a file of the spec. The error for a missing file says where to get it.
    fn path(&self, path: &str) -> Result<PathBuf, Error> {
        let path = self.folder.join(path);
        let exists = nn_data::existing(&path).exists();
        let (named, origin) = (self.data.folder.is_some(), self.data.origin.clone());
        if exists || !(named || origin.is_some()) {
            return Ok(path);
        }
        Err(Error::NoFile { path, spec: self.spec.path.clone(), origin })
    }
}

/// The files and folders of images that a training reads, including the spec.
pub fn files(spec: &Spec, folder: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let reader = Reader::new(spec, folder)?;
    let mut names = match &reader.data.source {
        DataSource::Inline(_) => Vec::new(),
        DataSource::Csv { path, .. } => vec![path.as_str()],
        DataSource::Arrays(arrays) => files::names(&arrays.format, &arrays.pair),
        DataSource::Images(images) => vec![images.path.as_str()],
    };
    match &reader.data.validation {
        Validation::Share(_) => {}
        Validation::File(path) => names.push(path),
        Validation::Arrays(pair) => match &reader.data.source {
            DataSource::Arrays(arrays) => names.extend(files::names(&arrays.format, pair)),
            DataSource::Inline(_) | DataSource::Csv { .. } | DataSource::Images(_) => {}
        },
    }
    let paths = names.into_iter().map(|name| nn_data::existing(&reader.folder.join(name)));
    Ok(paths.chain([spec.path.clone()]).collect())
}

/// Reads other data with an earlier encoding: a csv file, or a folder of images by class.
pub fn load_file(spec: &Spec, file: Opened, encoding: &Encoding) -> Result<Table, Error> {
    let table = match spec.compiled.model.data.as_ref().map(|data| &data.source) {
        Some(DataSource::Images(images)) if file.content.is_none() => {
            nn_data::load_images(&image_request(spec, &file.path, images.resize, true), Some(encoding))?
        }
        Some(DataSource::Images(_) | DataSource::Arrays(_)) => return Err(Error::NotAFolder { path: file.path }),
        Some(DataSource::Csv { .. } | DataSource::Inline(_)) | None => {
            let request = Request { content: file.content, ..request(spec, &file.path) };
            nn_data::load_with(&request, encoding).map_err(|error| with_advice(encoding, error))?
        }
    };
    checked(spec, table)
}

/// Reads inputs to predict with an earlier encoding: an array, an image, a folder of images, or a
/// csv file. A row with a missing cell is an error.
pub fn load_inputs(spec: &Spec, file: Opened, encoding: &Encoding) -> Result<Table, Error> {
    check_width(spec, encoding)?;
    let inputs = Encoding { targets: Vec::new(), ..encoding.clone() };
    if let Some(request) = file.inputs(spec) {
        return checked(spec, nn_data::load_arrays(&request, Some(&inputs))?);
    }
    if file.is_image() {
        let resize = match spec.compiled.model.data.as_ref().map(|data| &data.source) {
            Some(DataSource::Images(images)) => images.resize,
            Some(DataSource::Csv { .. } | DataSource::Arrays(_) | DataSource::Inline(_)) | None => false,
        };
        shapes::check_image(spec, &file.path)?;
        let request = ImageRequest { content: file.content, ..image_request(spec, &file.path, resize, false) };
        return Ok(nn_data::load_images(&request, Some(&inputs))?);
    }
    let is_blank = |content: &Vec<u8>| content.trim_ascii().is_empty();
    if file.content.as_ref().is_some_and(is_blank) {
        let names = encoding.columns.iter().map(|column| column.name.clone()).collect();
        return Err(Error::NoRows { path: file.path, names });
    }
    let mut request = Request::new(file.path, Vec::<String>::new(), TargetKind::Numbers);
    request.content = file.content;
    request.target_required = false;
    request.delimiter = delimiter(spec);
    request.limits = limits(spec);
    let inputs = Encoding { classes: Vec::new(), ..inputs };
    nn_data::load_with(&request, &inputs).map_err(|error| with_advice(&inputs, error))
}

/// The error of a csv file, with advice if the file has column names but the network has none.
fn with_advice(encoding: &Encoding, error: nn_data::Error) -> Error {
    let is_nameless = encoding.columns == Encoding::numbered(encoding.columns.len(), 0).columns;
    match error {
        nn_data::Error::UnknownColumns { .. } if is_nameless => Error::Nameless { reason: error },
        error => Error::Examples(error),
    }
}

/// The encoding of columns without names.
pub fn unnamed(spec: &Spec) -> Encoding {
    let missing_words = request(spec, Path::new("")).missing_words;
    let widths = spec.targets().map(|(target, width)| if target.is_class { 1 } else { width });
    Encoding { missing_words, ..Encoding::numbered(spec.input_width(), widths.sum()) }
}

/// The delimiter of csv files, both of the data and of rows to predict.
pub fn delimiter(spec: &Spec) -> char {
    request(spec, Path::new("")).delimiter
}

fn request(spec: &Spec, path: &Path) -> Request {
    let mut request = Request::new(path, Vec::<String>::new(), target_kind(spec));
    request.limits = limits(spec);
    let source = spec.compiled.model.data.as_ref().map(|data| &data.source);
    if let Some(DataSource::Csv {
        target,
        weights,
        columns,
        one_hot,
        offsets,
        drop_missing,
        missing_words,
        delimiter,
        ..
    }) = source
    {
        request.weights = weights.as_ref().map(|(column, _)| column.clone());
        request.target.clone_from(target);
        request.missing_words.clone_from(missing_words);
        request.delimiter = *delimiter;
        request.columns.clone_from(columns);
        request.one_hot.clone_from(one_hot);
        request.offsets = offsets.iter().map(|offset| (offset.column.clone(), offset.number)).collect();
        request.missing = if *drop_missing { Missing::Drop } else { Missing::Error };
    }
    request
}

fn image_request(spec: &Spec, path: &Path, resize: bool, classes_required: bool) -> ImageRequest {
    let classes = spec.targets().next().map(|(_, width)| width);
    let shape = shapes::image(spec).unwrap_or([1, 1, spec.input_width()]);
    ImageRequest { path: path.to_owned(), content: None, shape, resize, classes, classes_required }
}

/// The table, if its rows fit the network.
fn checked(spec: &Spec, table: Table) -> Result<Table, Error> {
    shapes::check_rows(spec, &table)?;
    check_width(spec, &table.encoding)?;
    check_targets(spec, &table)?;
    Ok(table)
}

fn check_width(spec: &Spec, encoding: &Encoding) -> Result<(), Error> {
    let (expected, names) = (spec.input_width(), encoding.input_names());
    if names.len() == expected {
        return Ok(());
    }
    Err(Error::InputWidth { network: spec.name().to_owned(), expected, found: names.len(), names })
}

/// Checks the number of targets for a single output. (Columns of several outputs are checked when
/// they are read.)
fn check_targets(spec: &Spec, table: &Table) -> Result<(), Error> {
    let (Targets::Numbers(targets), Some((_, expected))) = (&table.targets, spec.targets().next()) else {
        return Ok(());
    };
    if targets.ncols() == expected {
        return Ok(());
    }
    let names = table.encoding.targets.clone();
    Err(Error::TargetWidth { network: spec.name().to_owned(), expected, found: targets.ncols(), names })
}
