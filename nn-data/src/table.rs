//! Examples as arrays.

use ndarray::{Array2, Axis};

use crate::collapse::Collapsed;
use crate::encoding::Encoding;

/// Examples: a row of inputs and a target each.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The inputs, `[rows, width]`; every number is finite.
    pub inputs: Array2<f32>,
    /// The targets, one for each row.
    pub targets: Targets,
    /// How much each row counts, if a column says so: finite numbers of 0 or more.
    pub weights: Option<Vec<f32>>,
    /// Which columns the numbers came from, and what the categories and classes are called.
    pub encoding: Encoding,
    /// The shape of a row in the file: several dimensions for arrays and images, else the number of
    /// inputs.
    pub row_shape: Vec<usize>,
    /// What a row is called: `line`, `row`, `image` or `example`.
    pub unit: &'static str,
    /// The line in the file on which each row starts, from 1; of arrays the row, from 0; of inline
    /// examples and images, the number of each, from 1.
    pub lines: Vec<u64>,
    /// The file of each row, where each row is a file of a folder, as its path from there; else
    /// there are none.
    pub files: Vec<String>,
    /// How many rows of the file were left out for missing cells.
    pub dropped: usize,
    /// What a reader of the file should know, though it can be read: similar labels, files that
    /// were skipped.
    pub notes: Vec<String>,
    /// The columns in which numbers that differ in the file became one.
    pub collapsed: Vec<Collapsed>,
}

/// The targets of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// The number of each row's class.
    Classes(Vec<usize>),
    /// The target columns as numbers, `[rows, targets]`.
    Numbers(Array2<f32>),
    /// The target columns of a network of several outputs, one by one.
    Columns(Vec<TargetColumn>),
    /// The file holds no targets.
    None,
}

/// A target column.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetColumn {
    /// The number of each row's class.
    Classes(Vec<usize>),
    /// The number of each row.
    Numbers(Vec<f32>),
}

impl TargetColumn {
    fn take(&self, rows: &[usize]) -> TargetColumn {
        match self {
            TargetColumn::Classes(classes) => TargetColumn::Classes(rows.iter().map(|&row| classes[row]).collect()),
            TargetColumn::Numbers(numbers) => TargetColumn::Numbers(rows.iter().map(|&row| numbers[row]).collect()),
        }
    }
}

impl Table {
    /// How many examples there are.
    pub fn rows(&self) -> usize {
        self.inputs.nrows()
    }

    /// The smallest and the largest number of each input; none where there is no row.
    pub fn ranges(&self) -> Vec<(f32, f32)> {
        let mut rows = self.inputs.outer_iter();
        let Some(first) = rows.next() else { return Vec::new() };
        let mut ranges: Vec<(f32, f32)> = first.iter().map(|number| (*number, *number)).collect();
        for row in rows {
            for (number, (min, max)) in row.iter().zip(&mut ranges) {
                (*min, *max) = (min.min(*number), max.max(*number));
            }
        }
        ranges
    }

    /// The table of some rows, in the order given; `dropped` stays as it is.
    ///
    /// # Panics
    ///
    /// Where a row is not below [`Table::rows`].
    pub fn take(&self, rows: &[usize]) -> Table {
        Table {
            inputs: self.inputs.select(Axis(0), rows),
            targets: match &self.targets {
                Targets::Classes(classes) => Targets::Classes(rows.iter().map(|&row| classes[row]).collect()),
                Targets::Numbers(numbers) => Targets::Numbers(numbers.select(Axis(0), rows)),
                Targets::Columns(columns) => Targets::Columns(columns.iter().map(|column| column.take(rows)).collect()),
                Targets::None => Targets::None,
            },
            weights: self.weights.as_ref().map(|weights| rows.iter().map(|&row| weights[row]).collect()),
            encoding: self.encoding.clone(),
            row_shape: self.row_shape.clone(),
            unit: self.unit,
            lines: rows.iter().map(|&row| self.lines[row]).collect(),
            files: rows.iter().filter_map(|&row| self.files.get(row).cloned()).collect(),
            dropped: self.dropped,
            notes: self.notes.clone(),
            collapsed: self.collapsed.clone(),
        }
    }
}
