//! Losses with their gradients, and metrics; definitions in the language reference.

use ndarray::Array2;

use crate::interp::activation::sigmoid;
use crate::interp::machine::{Interpret, Machine};
use crate::interp::numbers::{log_softmax, sign};
use crate::interp::state::Targets;
use crate::plan::ops::{AddLoss, AddMetric, Expected};
use crate::vocabulary::{Loss, Metric};

impl Interpret for AddLoss {
    fn interpret(&self, machine: &mut Machine) {
        let predicted = machine.get(self.y);
        let class_weights = self.class_weights.map(|index| &machine.class_weights[index][..]);
        let mut divisor = machine.whole.rows() as f64;
        let (mut values, mut slope) = match &machine.batch.targets[self.t.target] {
            Targets::Classes(classes) => {
                if let (Some(weights), Targets::Classes(all)) = (class_weights, &machine.whole.targets[self.t.target]) {
                    divisor = all.iter().map(|class| weights[*class]).sum();
                }
                cross_entropy(self.loss, predicted, classes, class_weights)
            }
            Targets::Numbers(given) => elementwise(self.loss, predicted, numbers(machine, self.t, given)),
        };
        if let Some(weights) = &machine.batch.row_weights {
            for ((value, mut slope), weight) in values.iter_mut().zip(slope.outer_iter_mut()).zip(weights) {
                *value *= weight;
                slope *= *weight;
            }
        }
        let value: f64 = values.iter().sum();
        let scale = if divisor > 0.0 { self.weight / divisor } else { 0.0 };
        machine.run.loss += value * scale;
        machine.run.losses.push(value * scale);
        if let Some(gradient) = self.gradient {
            machine.set(gradient, slope * scale);
        }
    }
}

impl Interpret for AddMetric {
    fn interpret(&self, machine: &mut Machine) {
        let predicted = machine.get(self.y);
        machine.run.metrics[self.sum.0] = match &machine.batch.targets[self.t.target] {
            Targets::Classes(classes) => {
                let right = predicted
                    .outer_iter()
                    .zip(classes)
                    .filter(|(row, class)| row.iter().all(|y| y.is_finite()) && first_largest(row.iter()) == **class);
                right.count() as f64 / classes.len() as f64
            }
            Targets::Numbers(given) => {
                let targets = numbers(machine, self.t, given);
                let sum = match self.metric {
                    Metric::Accuracy => {
                        let is_right = |y: f64, t: f64| y.is_finite() && (y > self.threshold) == (t > 0.5);
                        predicted.iter().zip(targets).filter(|(y, t)| is_right(**y, **t)).count() as f64
                    }
                    Metric::Mae => (predicted - targets).mapv(f64::abs).sum(),
                    Metric::Mse => (predicted - targets).mapv(|d| d * d).sum(),
                };
                sum / predicted.len() as f64
            }
        };
    }
}

/// The numbers of a target: gathered, if the plan gathers them.
fn numbers<'n>(machine: &'n Machine, t: Expected, given: &'n Array2<f64>) -> &'n Array2<f64> {
    t.gathered.map_or(given, |gathered| machine.get(gathered))
}

fn first_largest<'a>(row: impl Iterator<Item = &'a f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in row.enumerate() {
        if *value > best.1 {
            best = (index, *value);
        }
    }
    best.0
}

/// The loss of each row, and the gradient of their sum by the logits: softmax times the sum of the wanted weights, less those.
fn cross_entropy(
    loss: Loss,
    logits: &Array2<f64>,
    classes: &[usize],
    class_weights: Option<&[f64]>,
) -> (Vec<f64>, Array2<f64>) {
    let Loss::CrossEntropy { label_smoothing } = loss else { unreachable!("classes are for cross-entropy") };
    let log_probabilities = log_softmax(logits);
    let mut gradient = log_probabilities.exp();
    let (mut values, count) = (vec![0.0; logits.nrows()], logits.ncols());
    for (row, class) in classes.iter().enumerate() {
        let wanted: Vec<f64> = (0..count)
            .map(|c| {
                let own = if c == *class { 1.0 - label_smoothing } else { 0.0 };
                (own + label_smoothing / count as f64) * class_weights.map_or(1.0, |weights| weights[c])
            })
            .collect();
        let all: f64 = wanted.iter().sum();
        for (c, wanted) in wanted.into_iter().enumerate() {
            values[row] -= wanted * log_probabilities[[row, c]];
            gradient[[row, c]] = gradient[[row, c]] * all - wanted;
        }
    }
    (values, gradient)
}

/// A loss that compares numbers, of each row, and the gradient of their sum.
fn elementwise(loss: Loss, predicted: &Array2<f64>, targets: &Array2<f64>) -> (Vec<f64>, Array2<f64>) {
    let (mut values, mut gradient) = (vec![0.0; predicted.nrows()], Array2::zeros(predicted.dim()));
    let outputs = if loss == Loss::SquaredError { 1.0 } else { predicted.ncols() as f64 };
    for (((row, column), y), t) in predicted.indexed_iter().zip(targets) {
        let (value, by_y) = one(loss, *y, *t);
        values[row] += value / outputs;
        gradient[[row, column]] = by_y / outputs;
    }
    (values, gradient)
}

/// The loss of one element, and its derivative.
fn one(loss: Loss, y: f64, t: f64) -> (f64, f64) {
    let d = y - t;
    match loss {
        Loss::Mse | Loss::SquaredError => (d * d, 2.0 * d),
        Loss::Mae => (d.abs(), sign(d)),
        Loss::Huber { delta } if d.abs() <= delta => (0.5 * d * d, d),
        Loss::Huber { delta } => (delta * (d.abs() - 0.5 * delta), delta * sign(d)),
        // y is the logit: −π·t·ln σ(y) − (1−t)·ln(1 − σ(y)), with t smoothed; ln σ(y) = −softplus(−y).
        Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => {
            let t = t * (1.0 - label_smoothing) + label_smoothing / 2.0;
            let softplus = |y: f64| y.max(0.0) + (-y.abs()).exp().ln_1p();
            let value = positive_weight * t * softplus(-y) + (1.0 - t) * softplus(y);
            (value, (1.0 - t) * sigmoid(y) - positive_weight * t * sigmoid(-y))
        }
        Loss::Perceptron => (d.abs(), d),
        Loss::CrossEntropy { .. } => unreachable!("cross-entropy takes classes"),
    }
}
