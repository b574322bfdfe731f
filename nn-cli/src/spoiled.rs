//! Rows for which a network computes an infinity or a NaN: which they are, and what of them is not finite.

use crate::arrays::Rows;
use crate::spec::Spec;
use crate::wording::counted;

/// At most so many rows are named.
const MOST_NAMED: usize = 5;

/// The rows of a set, by their places in the data.
pub struct Places {
    set: String,
    file: Option<String>,
    unit: &'static str,
    lines: Vec<u64>,
    /// The files of rows that are files of their own.
    files: Vec<String>,
}

impl Places {
    /// Those of a set that was read from a file, where it was.
    pub fn new(set: &str, file: Option<String>, rows: &Rows) -> Self {
        let table = rows.table();
        let (lines, files) = (rows.each(&table.lines), rows.each(&table.files));
        Self { set: set.to_owned(), file, unit: table.unit, lines, files }
    }

    /// Whether they are those of this set.
    pub fn are_of(&self, set: &str) -> bool {
        self.set == set
    }

    /// `validation row 2 (more.csv, line 3)`, for the row of this index.
    fn row(&self, row: usize) -> String {
        let Self { set, file, unit, lines, files } = self;
        let file = file.as_ref().map_or_else(String::new, |file| format!("{file}, "));
        let place = match (files.get(row), lines.get(row)) {
            (Some(own), _) => format!(" ({file}{own})"),
            (None, Some(line)) => format!(" ({file}{unit} {line})"),
            (None, None) => String::new(),
        };
        let set = if set == "all" { "" } else { &format!("{set} ") };
        format!("{set}row {}{place}", row + 1)
    }
}

/// A row that was measured, and spoils what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoiled {
    /// Its set.
    pub set: String,
    /// Its index in the set.
    pub row: usize,
    /// Its outputs, where they are known.
    pub outputs: Vec<f32>,
}

impl Spoiled {
    /// ``validation row 2 (more.csv, line 3): output `y` is NaN``
    pub fn text(&self, spec: &Spec, places: &[Places]) -> String {
        let row = match places.iter().find(|places| places.are_of(&self.set)) {
            Some(places) => places.row(self.row),
            None => format!("{} row {}", self.set, self.row + 1),
        };
        match first_non_finite(spec, &self.outputs) {
            Some(output) => format!("{row}: {output}"),
            None => format!("{row}: the loss is not finite"),
        }
    }
}

/// Which rows of a prediction are not finite, each by the name that `place` gives the row of this index; nothing where
/// all are finite.
pub fn unanswered(spec: &Spec, outputs: &[Vec<f32>], place: impl Fn(usize) -> String) -> Option<String> {
    let rows = outputs.iter().enumerate();
    let bad: Vec<_> = rows.filter_map(|(row, output)| Some((row, first_non_finite(spec, output)?))).collect();
    if bad.is_empty() {
        return None;
    }
    let named = bad.iter().take(MOST_NAMED).map(|(row, output)| format!("\n  {}: {output}", place(*row)));
    let rest = bad.len().saturating_sub(MOST_NAMED);
    let rest = if rest > 0 { format!("\n  and {rest} more") } else { String::new() };
    let (bad, rows) = (bad.len(), counted(outputs.len(), "row"));
    Some(format!("{bad} of {rows} without a finite answer:{}{rest}", named.collect::<String>()))
}

/// ``output `y` is NaN``, ``output `digit` is inf at index 3``: the first of a row's outputs that is not finite.
fn first_non_finite(spec: &Spec, outputs: &[f32]) -> Option<String> {
    let at = outputs.iter().position(|number| !number.is_finite())?;
    let (value, mut start) = (outputs[at], 0);
    for (name, width) in spec.outputs() {
        if at < start + width {
            let index = if width == 1 { String::new() } else { format!(" at index {}", at - start) };
            return Some(format!("output `{name}` is {value}{index}"));
        }
        start += width;
    }
    Some(format!("an output is {value}"))
}
