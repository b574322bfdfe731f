//! Rows for which a network computes an infinity or a NaN: which rows, and which of their numbers.

use crate::arrays::Rows;
use crate::program::NonFiniteRow;
use crate::spec::Spec;
use crate::wording::counted;

/// At most this many rows are named.
const MOST_NAMED: usize = 5;

/// What messages call the rows of a set.
pub struct RowNames {
    set: String,
    file: Option<String>,
    unit: &'static str,
    lines: Vec<u64>,
    /// For rows that are files (images), each row's file.
    files: Vec<String>,
}

impl RowNames {
    /// Names the rows of a set that was read from `file`, if it was read from one.
    pub fn new(set: &str, file: Option<String>, rows: &Rows) -> Self {
        let table = rows.table();
        let (lines, files) = (rows.each(&table.lines), rows.each(&table.files));
        Self { set: set.to_owned(), file, unit: table.unit, lines, files }
    }

    /// `validation row 2 (more.csv, line 3)`, for the row with this index.
    fn name(&self, row: usize) -> String {
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

/// ``validation row 2 (more.csv, line 3): output `y` is NaN``
pub fn describe(row: &NonFiniteRow, spec: &Spec, names: &[RowNames]) -> String {
    let NonFiniteRow { set, row, outputs } = row;
    let name = match names.iter().find(|names| names.set == *set) {
        Some(names) => names.name(*row),
        None => format!("{set} row {}", row + 1),
    };
    let outputs: Vec<f32> = outputs.iter().map(|output| output.0 as f32).collect();
    match first_non_finite(spec, &outputs) {
        Some(output) => format!("{name}: {output}"),
        None => format!("{name}: the loss is not finite"),
    }
}

/// Lists the predictions that are not finite; `None` if all are finite. `name` names the row with
/// an index.
pub fn predictions(spec: &Spec, outputs: &[Vec<f32>], name: impl Fn(usize) -> String) -> Option<String> {
    let rows = outputs.iter().enumerate();
    let bad: Vec<_> = rows.filter_map(|(row, output)| Some((row, first_non_finite(spec, output)?))).collect();
    if bad.is_empty() {
        return None;
    }
    let named = bad.iter().take(MOST_NAMED).map(|(row, output)| format!("\n  {}: {output}", name(*row)));
    let rest = bad.len().saturating_sub(MOST_NAMED);
    let rest = if rest > 0 { format!("\n  and {rest} more") } else { String::new() };
    let (bad, rows) = (bad.len(), counted(outputs.len(), "row"));
    Some(format!("{bad} of {rows} without a finite prediction:{}{rest}", named.collect::<String>()))
}

/// ``output `y` is NaN``, ``output `digit` is inf at index 3``: the first output of a row that is
/// not finite.
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
