//! `not_separable`: one neuron on examples that it cannot learn: it is 1 on one side of a hyperplane and 0 on
//! the other (Minsky & Papert 1969), and no hyperplane separates these. Proved, not guessed: see [`hulls`].

use std::collections::HashMap;

use super::facts::{Examples, Facts};
use super::hulls::{self, Meeting};
use super::network::{Linearity, Network};
use super::report::Report;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::Effect;
use crate::model::{Loss, ValueId};
use crate::vocabulary::Activation;

/// A proof with more rows than this is not shown row by row.
const MOST_TOLD: usize = 4;

pub fn check(network: &Network, facts: &Facts, report: &mut Report) {
    let (Some(neuron), Some(examples)) = (neuron(network), &facts.examples) else { return };
    let is_binary = examples.targets.iter().all(|target| *target == 0.0 || *target == 1.0);
    let width = network.shape(network.model.inputs[0]).len();
    if !is_binary || examples.inputs.len() > Facts::MOST_ROWS || width > Facts::MOST_INPUTS {
        return;
    }
    let finding = match contradiction(examples) {
        Some(rows) => Some(contradicted(network, neuron, examples, rows)),
        None => meeting(examples).map(|meeting| inseparable(network, neuron, examples, width, &meeting)),
    };
    if let Some(diagnostic) = finding {
        report.push_at(neuron, diagnostic);
    }
}

/// The only neuron of a network that predicts yes or no.
fn neuron(network: &Network) -> Option<ValueId> {
    let ([_], [output]) = (&network.model.inputs[..], &network.model.outputs[..]) else { return None };
    let answers = [Activation::Step, Activation::Sigmoid].map(|answer| Some(Effect::Bends(answer)));
    let answers = answers.contains(&network.effect(*output));
    let mut learning = network.chain_before(*output).filter(|id| network.linearity(*id) != Some(Linearity::Affine));
    let neuron = learning.next().filter(|_| answers && learning.next().is_none())?;
    let is_neuron = network.linearity(neuron) == Some(Linearity::Weighs) && network.shape(neuron).len() == 1;
    let first = network.chain_before(neuron).last().unwrap_or(neuron);
    let starts_at_input = network.before(first).is_some_and(|before| network.model.inputs.contains(&before));
    Some(neuron).filter(|_| is_neuron && starts_at_input)
}

/// Two rows with the same inputs and different targets.
fn contradiction(examples: &Examples) -> Option<(usize, usize)> {
    let mut first = HashMap::new();
    examples.inputs.iter().zip(&examples.targets).enumerate().find_map(|(row, (inputs, target))| {
        // Minus zero is zero.
        let key: Vec<u64> = inputs.iter().map(|number| (number + 0.0).to_bits()).collect();
        let (earlier, other) = *first.entry(key).or_insert((row, *target));
        (other != *target).then_some((earlier, row))
    })
}

fn meeting(examples: &Examples) -> Option<Meeting> {
    let side =
        |target: f64| -> Vec<&[f64]> { rows_of(examples, target).map(|row| &examples.inputs[row][..]).collect() };
    hulls::meet(&side(0.0), &side(1.0))
}

fn rows_of(examples: &Examples, target: f64) -> impl Iterator<Item = usize> + '_ {
    (0..examples.targets.len()).filter(move |row| examples.targets[*row] == target)
}

fn contradicted(network: &Network, neuron: ValueId, examples: &Examples, rows: (usize, usize)) -> Diagnostic {
    let names = named(examples, &[rows.0, rows.1]);
    let message = format!("{names} have the same inputs and different targets: no network can learn both");
    let diagnostic = Diagnostic::warning(code::NOT_SEPARABLE, network.span(neuron), message);
    labelled(diagnostic, examples, &[rows.0, rows.1])
}

fn inseparable(network: &Network, neuron: ValueId, examples: &Examples, width: usize, meeting: &Meeting) -> Diagnostic {
    let border = match width {
        1 => "threshold",
        2 => "straight line",
        3 => "plane",
        _ => "hyperplane",
    };
    let message = format!("a single neuron cannot learn these examples: no {border} separates them");
    let of = |target: f64, points: &[(usize, num_bigint::BigInt)]| -> Vec<usize> {
        let rows: Vec<usize> = rows_of(examples, target).collect();
        points.iter().map(|(point, _)| rows[*point]).collect()
    };
    let (zeros, ones) = (of(0.0, &meeting.first), of(1.0, &meeting.second));
    let diagnostic = Diagnostic::warning(code::NOT_SEPARABLE, network.span(neuron), message)
        .caption("one neuron draws a single boundary")
        .note(proof(examples, meeting, &zeros, &ones));
    let told = [zeros, ones].concat();
    let diagnostic = if told.len() <= MOST_TOLD { labelled(diagnostic, examples, &told) } else { diagnostic };
    let by_rule = network.model.train.iter().flat_map(|train| &train.losses).any(|term| term.loss == Loss::Perceptron);
    if by_rule {
        let remedy = "`dense(4) -> tanh -> dense(1) -> sigmoid`, trained with a `loss` and an `optimizer`";
        return diagnostic.note(format!("the perceptron rule cannot train hidden neurons; use {remedy}"));
    }
    let place = network.place(neuron, network.model.inputs[0]).before();
    diagnostic.suggest("add hidden neurons before it", place, "dense(4) -> tanh -> ")
}

/// The point that both classes share, in words.
fn proof(examples: &Examples, meeting: &Meeting, zeros: &[usize], ones: &[usize]) -> String {
    if zeros.len() + ones.len() > MOST_TOLD {
        let unit = examples.unit;
        return format!(
            "proof: some weighted mean of {} {unit}s with target 0 is also one of {} {unit}s with target 1",
            zeros.len(),
            ones.len()
        );
    }
    let is_even = |points: &[(usize, num_bigint::BigInt)]| points.iter().all(|(_, weight)| *weight == points[0].1);
    let point = |rows: &[usize], even: bool| match rows {
        [_] => named(examples, rows),
        [_, _] if even => format!("the midpoint of {}", named(examples, rows)),
        [_, _] => format!("a point between {}", named(examples, rows)),
        _ => format!("a weighted mean of {}", named(examples, rows)),
    };
    let (zero, one) = (point(zeros, is_even(&meeting.first)), point(ones, is_even(&meeting.second)));
    match zeros.len() <= ones.len() {
        true => format!("proof: {zero} (target 0) is also {one} (target 1)"),
        false => format!("proof: {one} (target 1) is also {zero} (target 0)"),
    }
}

/// `rows 1 and 4`, `line 7`
fn named(examples: &Examples, rows: &[usize]) -> String {
    let mut numbers: Vec<u64> = rows.iter().map(|row| examples.numbers[*row]).collect();
    numbers.sort_unstable();
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    match &numbers[..] {
        [first @ .., last] if !first.is_empty() => format!("{}s {} and {last}", examples.unit, first.join(", ")),
        numbers => format!("{} {}", examples.unit, numbers.concat()),
    }
}

fn labelled(mut diagnostic: Diagnostic, examples: &Examples, rows: &[usize]) -> Diagnostic {
    for row in rows {
        if let Some(span) = examples.spans.get(*row) {
            diagnostic = diagnostic.label(*span, format!("target {}", examples.targets[*row]));
        }
    }
    diagnostic
}
