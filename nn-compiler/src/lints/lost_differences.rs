//! `lost_differences`: a column in which different numbers are equal to the network. It computes in `f32`, which has 24
//! bits: from 2²⁴ on it cannot hold every whole number. Unix times and identifiers are larger.

use super::facts::{Collapsed, Facts};
use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::model::ValueId;
use crate::syntax::grouped;

pub fn check(network: &Network, facts: &Facts, report: &mut Report) {
    for collapsed in &facts.collapsed {
        match collapsed.input.and_then(|index| input_of(network, index)) {
            Some(input) => {
                let found = Diagnostic::warning(code::LOST_DIFFERENCES, network.span(input), message(collapsed));
                report.push_at(input, advise(found, collapsed));
            }
            None => {
                let Some(data) = &network.model.data else { continue };
                let found = Diagnostic::warning(code::LOST_DIFFERENCES, data.span, message(collapsed));
                report.push(advise(found, collapsed));
            }
        }
    }
}

/// The input that a place in a row of all inputs belongs to.
fn input_of(network: &Network, index: usize) -> Option<ValueId> {
    let mut end = 0;
    network.model.inputs.iter().copied().find(|input| {
        end += network.shape(*input).len();
        index < end
    })
}

fn message(collapsed: &Collapsed) -> String {
    let Collapsed { name, cells: [(place, first), (other, second)], number, .. } = collapsed;
    format!(
        "different numbers of `{name}` become equal: {first} ({place}) and {second} ({other}) are both {number} as f32"
    )
}

fn advise(found: Diagnostic, collapsed: &Collapsed) -> Diagnostic {
    let found = found.note("the network computes in f32, which holds about seven digits");
    match (collapsed.offset, collapsed.is_in_a_table) {
        (Some(offset), true) => {
            let (name, offset) = (written(&collapsed.name), spelled(offset));
            found.note(format!(
                "subtract their common part before they are rounded: `offset({name}: {offset});` in `data`"
            ))
        }
        (Some(offset), false) => {
            found.note(format!("subtract their common part where the data is made: {}", spelled(offset)))
        }
        (None, true) => found.note(
            "there is nothing to learn from an identifier: leave it out with `columns: […];`, or use `one_hot: […];` if \
             there are only a few",
        ),
        (None, false) => found.note("write smaller numbers, such as the differences from the first one"),
    }
}

/// A column as the language names it.
fn written(name: &str) -> String {
    let mut letters = name.chars();
    let is_word = letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_word { name.to_owned() } else { format!("{name:?}") }
}

/// A number with grouped digits: `1_700_000_000`.
fn spelled(number: f64) -> String {
    if number.fract() != 0.0 || number.abs() >= 1e15 {
        return format!("{number:?}");
    }
    let sign = if number < 0.0 { "-" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.0}", number.abs())))
}
