//! `unscaled_data`: an input column that reaches far beyond what initial weights are made for, with nothing
//! that scales it before the first layer that learns. Initialisers assume inputs of a variance near 1 (Glorot
//! & Bengio 2010; LeCun et al. 1998, "Efficient BackProp", section 4.3).

use super::facts::{Column, Facts, shown};
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers::Effect;
use crate::model::ValueId;

/// Beyond this a column is far from zero.
const FAR: f64 = 100.0;

/// At most this many columns are named.
const MOST_NAMED: usize = 3;

pub fn check(network: &Network, facts: &Facts, report: &mut Report) {
    if network.model.train.is_none() {
        return;
    }
    let mut start = 0;
    for input in &network.model.inputs {
        let end = start + network.shape(*input).len();
        let columns: Vec<&Column> =
            facts.columns.iter().filter(|column| (start..end).contains(&column.index)).collect();
        let paths: Vec<Path> =
            ways(network, *input).into_iter().filter(|path| columns.iter().any(|column| path.is_far(column))).collect();
        if let Some(path) = paths.first() {
            let far: Vec<&Column> = columns.into_iter().filter(|column| path.is_far(column)).collect();
            report.push_at(path.at, finding(network, *input, &paths, &far));
        }
        start = end;
    }
}

/// A path from an input to a layer, and what it makes of a number x: `factor·x + offset`.
#[derive(Clone, Copy)]
struct Path {
    at: ValueId,
    factor: f64,
    offset: f64,
    /// Whether every value on it is flat and reads one value.
    is_plain: bool,
}

impl Path {
    fn from(input: ValueId) -> Self {
        Self { at: input, factor: 1.0, offset: 0.0, is_plain: true }
    }

    fn is_far(&self, column: &Column) -> bool {
        let size = |number: f64| (self.factor * number + self.offset).abs();
        size(column.min).max(size(column.max)) > FAR
    }
}

/// The paths from an input to layers that learn, one for each layer.
fn ways(network: &Network, input: ValueId) -> Vec<Path> {
    let mut seen = vec![false; network.model.values.len()];
    let (mut ways, mut open) = (Vec::new(), vec![Path::from(input)]);
    while let Some(path) = open.pop() {
        let is_plain = path.is_plain && network.shape(path.at).flat().is_some();
        for reader in network.readers(path.at).iter().rev() {
            if std::mem::replace(&mut seen[reader.0], true) {
                continue;
            }
            let next = Path { at: *reader, is_plain, ..path };
            match network.effect(*reader) {
                Some(Effect::Scales { factor, offset }) => {
                    let offset = path.offset * factor + offset;
                    open.push(Path { factor: path.factor * factor, offset, ..next });
                }
                Some(Effect::Passes { .. }) => open.push(next),
                Some(Effect::Weighs { .. } | Effect::LearnsSlope) => ways.push(next),
                // After these a number is not far from zero, or not the same number.
                Some(
                    Effect::Standardizes
                    | Effect::NormalizesRow
                    | Effect::LooksUp { .. }
                    | Effect::Shares { .. }
                    | Effect::Bends(_),
                ) => {}
                Some(Effect::Pools { .. }) | None => open.push(Path { is_plain: false, ..next }),
            }
        }
    }
    ways.sort_by_key(|path| path.at);
    ways
}

fn finding(network: &Network, input: ValueId, paths: &[Path], far: &[&Column]) -> Diagnostic {
    let named = far.iter().take(MOST_NAMED).map(|column| {
        let Column { name, min, max, .. } = column;
        format!("`{name}` from {} to {}", shown(*min), shown(*max))
    });
    let mut named: Vec<String> = named.collect();
    if far.len() > MOST_NAMED {
        named.push(format!("{} more", far.len() - MOST_NAMED));
    }
    let span = network.span(paths[0].at);
    let message = format!("inputs far from zero reach this layer unscaled: {}", listed(&named));
    let diagnostic = Diagnostic::warning(code::UNSCALED_DATA, span, message)
        .label(network.span(input), "they come from here")
        .note("initial weights expect inputs near 1; with larger ones, training is slow or does not converge");
    if !paths.iter().all(|path| path.is_plain) {
        return diagnostic.note("scale them first, with `normalize` or `rescale`");
    }
    let mut edits: Vec<Edit> = Vec::new();
    for path in paths {
        let place = network.place(path.at, input).before();
        if edits.iter().all(|edit| edit.span != place) {
            edits.push(Edit::new(place, "normalize -> "));
        }
    }
    diagnostic.propose("normalize them with the mean and deviation of the training rows", edits, false)
}

/// `a, b and c`
fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
