//! The one error type: every way in which reading examples can fail.

use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::PathBuf;

use crate::cell_errors::CellErrors;
use crate::content_error::ContentError;
use crate::index::Index;
use crate::origin::Origin;
use crate::wording::{List, counted, listed, quoted, spec_name};

/// Why examples cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path names a folder.
    #[error("{} is a folder, not a csv file", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The path names a folder where an array should be.
    #[error("{} is a folder, not a file", path.display())]
    Directory {
        /// The folder.
        path: PathBuf,
    },
    /// A file does not hold the array or image that it should.
    #[error("{origin}: {error}")]
    Content {
        /// The file.
        origin: Origin,
        /// What is wrong with it.
        error: ContentError,
    },
    /// Two arrays that differ in their rows.
    #[error(
        "{inputs} holds {}, but {targets} {}; each row of inputs needs its target, so these files do not belong together",
        counted(*rows, "row"), counted(*target_rows, "row")
    )]
    UnpairedFiles {
        /// The array of the inputs.
        inputs: Origin,
        /// Its rows.
        rows: usize,
        /// The array of the targets.
        targets: Origin,
        /// Its rows.
        target_rows: usize,
    },
    /// An array of classes that has more than one number for each row.
    #[error(
        "{origin}: classes are one number for each row, but the array is {shape}; convert them, for example with `y.argmax(1)`"
    )]
    NoLabels {
        /// The array.
        origin: Origin,
        /// Its dimensions.
        shape: Index,
    },
    /// A folder without images.
    #[error("{} holds no images: files that end in .png, .jpg or .jpeg{}", path.display(), and(notes))]
    NoImages {
        /// The folder.
        path: PathBuf,
        /// What it holds that is not read, folder by folder.
        notes: Vec<String>,
    },
    /// Folders of classes whose names are not text, so that classes could not be named.
    #[error(
        "{}: {} not UTF-8 text, as names of classes must be; rename {}",
        path.display(), names_of(folders), if folders.len() == 1 { "it" } else { "them" }
    )]
    FolderNames {
        /// The folder that they are in.
        path: PathBuf,
        /// Their names; bytes that are not UTF-8 are written as `\xe9`.
        folders: Vec<String>,
    },
    /// A folder of images that has no folders.
    #[error("{} holds no folders; put the images of each class into a folder of that name", path.display())]
    NoClassFolders {
        /// The folder.
        path: PathBuf,
    },
    /// A folder of another number of classes than the network's.
    #[error(
        "{} holds {}, {}, but the network has {}{}",
        path.display(), counted(folders.len(), "folder"), List(folders), counted(*classes, "class"),
        fitting(folders.len())
    )]
    ClassFolders {
        /// The folder.
        path: PathBuf,
        /// The folders in it.
        folders: Vec<String>,
        /// How many classes the network has.
        classes: usize,
    },
    /// A folder of a class that was not trained on.
    #[error("{} is not the folder of a class; the classes are {}", path.display(), List(classes))]
    UnknownClassFolder {
        /// The folder.
        path: PathBuf,
        /// The classes.
        classes: Vec<String>,
    },
    /// The crate was built without what reads images.
    #[error(
        "{} cannot be read: this `nn` was built without images; build it with \
         `cargo build --release --features images`, or use `cargo run --release --features images`",
        path.display()
    )]
    WithoutImages {
        /// The image, or the folder of images.
        path: PathBuf,
    },
    /// The file is not text in UTF-8.
    #[error("{}: line {line} is not UTF-8 text; save the file in that encoding", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first line with a wrong byte, from 1.
        line: u64,
    },
    /// The file holds nothing but white space.
    #[error("{} is empty", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file holds something else than text with rows of cells.
    #[error("{} is not a csv file, but {seems}", path.display())]
    NotCsv {
        /// The file.
        path: PathBuf,
        /// What it seems to be, and what to do about it.
        seems: &'static str,
    },
    /// The file holds a byte that no text does.
    #[error(
        "{}: line {line} has a NUL byte, so it is not text; if the file is UTF-16, save it as UTF-8",
        path.display()
    )]
    NulByte {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
    /// A quoted cell is not closed, so the rest of the file belongs to it.
    #[error("{}: line {line}: a quote opens here and is never closed", path.display())]
    UnclosedQuote {
        /// The file.
        path: PathBuf,
        /// The line that the quote is in, from 1.
        line: u64,
    },
    /// A quoted cell goes on after the quote that closes it.
    #[error(
        "{}: line {line}: a quote closes a cell, and more text follows; a quote within a quoted cell is written twice, `\"\"`",
        path.display()
    )]
    TextBehindQuote {
        /// The file.
        path: PathBuf,
        /// The line of the quote, from 1.
        line: u64,
    },
    /// The first line holds numbers rather than the names of columns.
    #[error(
        "{}: the first line holds only numbers, not the column {}; put a line with the names of the columns before it",
        path.display(), quoted(column)
    )]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// A column that was looked for.
        column: String,
    },
    /// Two columns have one name.
    #[error(
        "{}: columns {first} and {second} are both named {}; give each column a different name",
        path.display(), quoted(column)
    )]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
        /// The number of the first such column, from 1.
        first: usize,
        /// The number of the second, from 1.
        second: usize,
    },
    /// A column that would become an input has no name.
    #[error(
        "{}: column {at} has no name; name it in the header, or list the input columns with `columns: […];`",
        path.display()
    )]
    UnnamedColumn {
        /// The file.
        path: PathBuf,
        /// The number of the column, from 1.
        at: usize,
    },
    /// Columns that the file does not have.
    #[error("{}: {}{}", path.display(), UnknownColumns(unknown, columns), separator(columns))]
    UnknownColumns {
        /// The file.
        path: PathBuf,
        /// The columns that were looked for.
        unknown: Vec<UnknownColumn>,
        /// The columns of the file.
        columns: Vec<String>,
    },
    /// A column is named twice: among the inputs, among the targets, or once in each.
    #[error("column {} is named twice among the inputs and targets", quoted(column))]
    ColumnTwice {
        /// The column.
        column: String,
    },
    /// The column of weights is an input or a target as well.
    #[error("column {} holds the weights of the rows, and is an input or a target as well", quoted(column))]
    WeightsTwice {
        /// The column.
        column: String,
    },
    /// No row counts.
    #[error(
        "{origin}: every row has the weight 0 in column {}, so its loss is 0 whatever the network predicts",
        quoted(column)
    )]
    NoWeight {
        /// What was read.
        origin: Origin,
        /// The column.
        column: String,
    },
    /// A column is to be one-hot encoded that is not an input.
    #[error("column {} is in `one_hot`, but is not an input", quoted(column))]
    OneHotNotInput {
        /// The column.
        column: String,
    },
    /// A column has an offset that holds no numbers, or is not read.
    #[error("column {} has an `offset`, but is neither an input nor a target that holds numbers", quoted(column))]
    OffsetWithoutNumbers {
        /// The column.
        column: String,
    },
    /// No target column is named.
    #[error("no target column is named; write `target: …;`")]
    NoTarget,
    /// Classes are read from one column.
    #[error("the targets are classes, so there is one target column, not {}: {}", targets.len(), List(targets))]
    SeveralClassTargets {
        /// The target columns.
        targets: Vec<String>,
    },
    /// As many target columns as the outputs take.
    #[error("the outputs take {}, not {}: {}", counted(*expected, "target column"), targets.len(), List(targets))]
    TargetCount {
        /// The target columns.
        targets: Vec<String>,
        /// How many there must be.
        expected: usize,
    },
    /// An array whose rows are not as long as those that were read earlier.
    #[error("{origin}: {} for each row, but {} expected", counted(*found, "number"), are(*expected))]
    Width {
        /// The array.
        origin: Origin,
        /// How many numbers a row of it has.
        found: usize,
        /// How many it must have.
        expected: usize,
    },
    /// No column, or no number, is left for the inputs.
    #[error("{origin}: there are no inputs beside the targets")]
    NoInputs {
        /// What was read.
        origin: Origin,
    },
    /// The delimiter cannot separate cells.
    #[error(
        "{delimiter:?} cannot separate cells: a delimiter is one ASCII character other than a quote or a line break"
    )]
    Delimiter {
        /// The delimiter.
        delimiter: char,
    },
    /// There are no rows below the header, or all have missing cells and were left out.
    #[error("{origin}: {}", no_rows(*dropped))]
    NoRows {
        /// What was read.
        origin: Origin,
        /// How many rows were left out for missing cells.
        dropped: usize,
    },
    /// Cells or rows that cannot be taken.
    #[error("{origin}: {}", errors.describe(origin.unit()))]
    Cells {
        /// What was read.
        origin: Origin,
        /// What is wrong, and where.
        errors: Box<CellErrors>,
    },
    /// There are fewer labels than the network has classes, and they are not numbers of classes.
    #[error(
        "{origin}: {} {}, {}, but the network has {}{}{}",
        having(column.as_deref()), counted(labels.len(), "label"), List(labels), counted(*classes, "class"),
        fitting(labels.len()), left_out(*dropped)
    )]
    TooFewClasses {
        /// What was read.
        origin: Origin,
        /// The target column, where there are columns.
        column: Option<String>,
        /// The labels, sorted.
        labels: Vec<String>,
        /// How many classes the network has.
        classes: usize,
        /// How many rows were left out for missing cells.
        dropped: usize,
    },
    /// Inline examples whose inputs and targets differ in number.
    #[error("the inline examples: {} of inputs, but {} of targets", counted(*inputs, "row"), counted(*targets, "row"))]
    Unpaired {
        /// How many rows of inputs there are.
        inputs: usize,
        /// How many rows of targets there are.
        targets: usize,
    },
    /// The share of validation rows is none of these rows.
    #[error(
        "`validation: {share}` of {} rounds to 0 rows; at least {needed} rows are needed to hold one back; write a \
         larger share, or leave `validation` out to train on all rows", counted(*rows, "row")
    )]
    NoValidationRows {
        /// The share.
        share: f32,
        /// How many rows there are.
        rows: usize,
        /// How many rows there must be.
        needed: usize,
    },
    /// The share of validation rows is all of these rows.
    #[error(
        "`validation: {share}` of {} rounds to all of them; at least {needed} rows are needed to keep one to train \
         with; write a smaller share", counted(*rows, "row")
    )]
    NoTrainingRows {
        /// The share.
        share: f32,
        /// How many rows there are.
        rows: usize,
        /// How many rows there must be.
        needed: usize,
    },
    /// The share of validation rows is not a number from 0 to below 1.
    #[error("the share of validation rows must be at least 0 and below 1, not {fraction}")]
    Fraction {
        /// The share.
        fraction: f32,
    },
    /// Metadata that [`Encoding::from_metadata`](crate::Encoding::from_metadata) cannot read.
    #[error("the metadata `{key}` {reason}")]
    Metadata {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// `1 is`, `2 are`.
fn are(count: usize) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}

/// A column that was looked for and does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn {
    /// The name that was looked for.
    pub column: String,
    /// The most similar name that exists, if any is similar.
    pub nearest: Option<String>,
}

struct UnknownColumns<'a>(&'a [UnknownColumn], &'a [String]);

impl Display for UnknownColumns<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const MOST: usize = 8;
        for unknown in self.0.iter().take(MOST) {
            write!(f, "there is no column {}", quoted(&unknown.column))?;
            if let Some(nearest) = &unknown.nearest {
                write!(f, " (did you mean {}?)", quoted(&spec_name(nearest)))?;
            }
            f.write_str("; ")?;
        }
        if self.0.len() > MOST {
            write!(f, "nor {} more; ", self.0.len() - MOST)?;
        }
        let are = if self.1.len() == 1 { "only column is" } else { "columns are" };
        write!(f, "the {are} {}", List(self.1))
    }
}

/// What to try where the whole header was read as one cell.
fn separator(columns: &[String]) -> &'static str {
    match columns {
        [only] if only.contains(';') => "; the cells seem to be separated by semicolons: write `delimiter: \";\";`",
        [only] if only.contains('\t') => "; the cells seem to be separated by tabs: write `delimiter: \"\\t\";`",
        [only] if only.contains('|') => "; the cells seem to be separated by bars: write `delimiter: \"|\";`",
        [only] if only.contains(',') => "; the cells seem to be separated by commas: write `delimiter: \",\";`",
        _ => "",
    }
}

/// `; first; second`
fn and(notes: &[String]) -> String {
    notes.iter().map(|note| format!("; {note}")).collect()
}

/// ``the name of the folder `a` is``
fn names_of(folders: &[String]) -> String {
    let quoted: Vec<String> = folders.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [only] => format!("the name of the folder {only} is"),
        all => format!("the names of the folders {} are", listed(all)),
    }
}

/// ``column `species` has``
fn having(column: Option<&str>) -> String {
    column.map_or_else(|| "there are".to_owned(), |column| format!("column {} has", quoted(column)))
}

/// How to fit a network to this many classes, if it takes more than one.
fn fitting(classes: usize) -> String {
    match classes {
        0 | 1 => String::new(),
        _ => format!("; for {classes} classes, end it in `dense({classes}) -> softmax`"),
    }
}

/// What is added where rows were left out.
fn left_out(dropped: usize) -> String {
    match dropped {
        0 => String::new(),
        1 => "; 1 row with a missing cell was left out".to_owned(),
        _ => format!("; {dropped} rows with missing cells were left out"),
    }
}

fn no_rows(dropped: usize) -> String {
    match dropped {
        0 => "there are no examples".to_owned(),
        _ => format!("no examples are left: {} left out for missing cells", counted(dropped, "row")),
    }
}
