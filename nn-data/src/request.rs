//! What to read: the file, its columns, and their use.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::limits::Limits;

/// Which csv file to read, and how its columns become inputs and targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The csv file: UTF-8, with a header line.
    pub path: PathBuf,
    /// The contents, if they were already read, for example from a pipe. Errors still call it
    /// `path`.
    pub content: Option<Vec<u8>>,
    /// The target columns; exactly one where the targets are classes, and one for each of
    /// [`TargetKind::Columns`].
    pub target: Vec<String>,
    /// The column that says how much each row counts, if there is one: numbers of 0 or more.
    pub weights: Option<String>,
    /// The input columns in order; all but the targets and the weights where `None`.
    pub columns: Option<Vec<String>>,
    /// The input columns whose texts become one column of 0 and 1 for each category, in place.
    pub one_hot: Vec<String>,
    /// What is subtracted from the numbers of a column, input or target, before they are rounded to
    /// `f32`.
    pub offsets: BTreeMap<String, f64>,
    /// How to treat rows with a missing cell in a column that is read.
    pub missing: Missing,
    /// The texts of cells that are missing, apart from the empty one; `?`, `NA`, `NaN` and `nan`
    /// where `None`.
    pub missing_words: Option<Vec<String>>,
    /// What the targets are.
    pub target_kind: TargetKind,
    /// The delimiter between cells: one ASCII character.
    pub delimiter: char,
    /// Whether the file must hold the targets. If not, a file without a target column, or with
    /// a missing cell in one, gives [`Targets::None`](crate::Targets::None) and keeps its rows.
    pub target_required: bool,
    /// Which numbers columns may hold. Any other is reported as an error.
    pub limits: Limits,
}

impl Request {
    /// A request with the defaults: all other columns as inputs, nothing one-hot encoded, missing
    /// cells refused, commas between cells, targets required.
    pub fn new<S: Into<String>>(
        path: impl Into<PathBuf>,
        target: impl IntoIterator<Item = S>,
        target_kind: TargetKind,
    ) -> Request {
        Request {
            path: path.into(),
            content: None,
            target: target.into_iter().map(Into::into).collect(),
            weights: None,
            columns: None,
            one_hot: Vec::new(),
            offsets: BTreeMap::new(),
            missing: Missing::Error,
            missing_words: None,
            target_kind,
            delimiter: ',',
            target_required: true,
            limits: Limits::default(),
        }
    }
}

/// How to treat a row with a missing cell: an empty one, or one of [`Request::missing_words`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// The cell is reported as an error.
    #[default]
    Error,
    /// The row is left out, and counted in [`Table::dropped`](crate::Table::dropped).
    Drop,
}

/// What the targets are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// Labels of classes, which are numbered from 0:
    ///
    /// * integers that are 0 to k−1 keep their numbers, and so do integers all below `classes`;
    /// * all other labels are sorted (by value where all are numbers) and numbered in that order.
    Class {
        /// How many classes the network has, if that is known. More labels than that, an integer
        /// label that reaches it, and fewer labels that are not such integers are errors.
        classes: Option<usize>,
    },
    /// Numbers, one for each target column.
    Numbers,
    /// For a network of several outputs: classes or numbers, one of the two for each target column.
    Columns(Vec<TargetKind>),
}

impl TargetKind {
    /// What each of `columns` target columns holds: `Class` or `Numbers`.
    pub(crate) fn of_columns(&self, columns: usize) -> Vec<TargetKind> {
        match self {
            TargetKind::Class { .. } | TargetKind::Numbers => vec![self.clone(); columns],
            TargetKind::Columns(kinds) => kinds.clone(),
        }
    }
}
