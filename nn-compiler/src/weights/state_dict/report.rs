//! What went where, as a table.

use super::{Assignment, Move, StateDict};

impl Assignment {
    /// A line for each tensor of the state dictionary: its shape, where it went, and what was changed.
    pub fn report(&self, dict: &StateDict) -> String {
        let mut rows: Vec<[String; 4]> = self.moves.iter().map(row).collect();
        let skipped =
            |name: &String| [name.clone(), String::new(), String::new(), "left out: counts training steps".to_owned()];
        rows.extend(dict.counters.iter().map(skipped));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let [a, b, c] = [0, 1, 2].map(width);
        let mut text = String::new();
        for [from, shape, to, note] in &rows {
            let arrow = if to.is_empty() { "  " } else { "->" };
            text.push_str(format!("{from:<a$}  {shape:<b$}  {arrow}  {to:<c$}  {note}").trim_end());
            text.push('\n');
        }
        text
    }

    /// How many numbers are not those of the state dictionary, and the largest relative difference; none if all are.
    pub fn loss(&self) -> Option<(usize, f64)> {
        let changed = self.moves.iter().map(|moved| moved.changed).sum();
        let worst = self.moves.iter().map(|moved| moved.worst).fold(0.0, f64::max);
        (changed > 0).then_some((changed, worst))
    }
}

fn row(moved: &Move) -> [String; 4] {
    let Move { from, from_shape, to, to_shape, is_transposed, dtype, .. } = moved;
    let mut notes = Vec::new();
    if *is_transposed {
        let is_square = from_shape == to_shape;
        notes.push(if is_square { "transposed (square, so its shape does not show it)" } else { "transposed" });
    }
    let converted = match &**dtype {
        "F32" => None,
        "F64" => Some("rounded from F64".to_owned()),
        exact => Some(format!("from {exact}, exact")),
    };
    notes.extend(converted.as_deref());
    [from.clone(), format!("{from_shape:?}"), format!("{to} {to_shape:?}"), notes.join(", ")]
}
