//! The loss of a spec: its terms, penalties and metrics.

use nn_compiler::model::{LossTerm, Target};
use nn_compiler::plan::Tensor;
use nn_compiler::vocabulary::{Loss, Metric};

use super::training::Training;
use crate::python::{Last, Lines, number, numbers};

/// Writes the constants that `loss` reads: the weights of classes.
pub fn constants(of: &Training, lines: &mut Lines) {
    for (index, term) in of.train.losses.iter().enumerate() {
        if let Some(weights) = &term.class_weights {
            lines.list(&format!("{} = torch.tensor([", class_weights(of, index)), &numbers(&weights.weights), "])");
        }
    }
}

/// Writes `loss`.
pub fn loss(of: &Training, lines: &mut Lines) {
    let targets = match of.train.targets.len() {
        1 => "Tensor".to_owned(),
        count => format!("tuple[{}]", vec!["Tensor"; count].join(", ")),
    };
    let (y, t) = (of.outputs_argument(), of.targets_argument());
    let more = match (of.has_row_weights, of.accumulates()) {
        (true, true) => format!(", weights: Tensor, whole: {targets}"),
        (true, false) => ", weights: Tensor".to_owned(),
        (false, true) => format!(", whole: {targets}"),
        (false, false) => String::new(),
    };
    lines.line(format!("def loss({y}: {}, {t}: {targets}{more}) -> Tensor:", of.model.returns()));
    lines.indented(|lines| {
        docs(of, lines);
        unpack(of, lines);
        let terms: Vec<String> = (0..of.train.losses.len()).map(|index| weighed(of, index)).collect();
        match &terms[..] {
            [one] => {
                lines.code(format!("return {one}"));
            }
            _ => {
                for (at, term) in terms.iter().enumerate() {
                    lines.code(format!("{} {term}", if at == 0 { "total =" } else { "total +=" }));
                }
                lines.line("return total");
            }
        }
    });
}

fn docs(of: &Training, lines: &mut Lines) {
    if of.train.losses.iter().any(|term| term.loss == Loss::Perceptron) {
        lines.line("\"\"\"The mean of |error|; its gradient by z is the error, as in the perceptron rule.\"\"\"");
    } else if of.has_row_weights {
        lines.line("\"\"\"The mean of the loss of each row times its weight.\"\"\"");
    } else if of.accumulates() {
        lines.line("\"\"\"The share of these rows in the mean over the targets `whole` of an update.\"\"\"");
    }
}

/// Gives outputs and targets their names.
fn unpack(of: &Training, lines: &mut Lines) {
    if of.output_count() > 1 {
        let names: Vec<String> = (0..of.output_count()).map(|at| of.model.output(at)).collect();
        lines.line(format!("{} = outputs", names.join(", ")));
    }
    if of.train.targets.len() > 1 {
        lines.line(format!("{} = targets", of.target_names().join(", ")));
        if of.accumulates() {
            let names: Vec<String> = of.target_names().iter().map(|name| format!("all_{name}")).collect();
            lines.line(format!("{} = whole", names.join(", ")));
        }
    }
}

fn class_weights(of: &Training, index: usize) -> String {
    let count = of.train.losses.iter().filter(|term| term.class_weights.is_some()).count();
    if count == 1 { "CLASS_WEIGHTS".to_owned() } else { format!("CLASS_WEIGHTS_{index}") }
}

/// A term with its weight.
fn weighed(of: &Training, index: usize) -> String {
    let term = &of.train.losses[index];
    let value = if of.has_row_weights || of.accumulates() { by_rows(of, index) } else { mean(of, index) };
    if term.weight == 1.0 { value } else { format!("{} * {value}", number(term.weight)) }
}

/// What the loss reads of an output: as the model returns it, or completed.
fn read(of: &Training, term: &LossTerm) -> String {
    let index = of.train.targets[term.target].index;
    let y = of.model.output(index);
    let wants_logits = term.loss.takes_logits() || term.loss == Loss::Perceptron;
    match of.model.reach.returned()[index].1 {
        Some(Last::Softmax) if !wants_logits => format!("torch.softmax({y}, 1)"),
        Some(Last::Sigmoid) if !wants_logits => format!("torch.sigmoid({y})"),
        Some(Last::Step) if !wants_logits => format!("({y} > 0).to({y}.dtype)"),
        Some(Last::Softmax | Last::Sigmoid | Last::Step) | None => y,
    }
}

/// The function of PyTorch and its arguments, without the closing parenthesis.
fn call(of: &Training, index: usize) -> String {
    let term = &of.train.losses[index];
    let (y, t) = (read(of, term), of.target_name(term.target));
    match term.loss {
        Loss::CrossEntropy { label_smoothing } => {
            let weight = match &term.class_weights {
                Some(_) => format!(", weight={}.to({y})", class_weights(of, index)),
                None => String::new(),
            };
            let smoothing = match label_smoothing {
                0.0 => String::new(),
                share => format!(", label_smoothing={}", number(share)),
            };
            format!("F.cross_entropy({y}, {t}{weight}{smoothing}")
        }
        Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => {
            let t = match label_smoothing {
                0.0 => t,
                share => format!("{} * {t} + {}", number(1.0 - share), number(share / 2.0)),
            };
            let weight = match positive_weight {
                1.0 => String::new(),
                weight => format!(", pos_weight={y}.new_tensor({})", number(weight)),
            };
            format!("F.binary_cross_entropy_with_logits({y}, {t}{weight}")
        }
        Loss::Mse | Loss::SquaredError => format!("F.mse_loss({y}, {t}"),
        Loss::Mae => format!("F.l1_loss({y}, {t}"),
        Loss::Huber { delta: 1.0 } => format!("F.huber_loss({y}, {t}"),
        Loss::Huber { delta } => format!("F.huber_loss({y}, {t}, delta={}", number(delta)),
        Loss::Perceptron => format!("perceptron_loss({y}, {t}"),
    }
}

/// A term as a mean over all rows.
fn mean(of: &Training, index: usize) -> String {
    let call = call(of, index);
    match of.train.losses[index].loss {
        Loss::SquaredError => format!("{call}, reduction=\"none\").flatten(1).sum(1).mean()"),
        Loss::Perceptron
        | Loss::CrossEntropy { .. }
        | Loss::BinaryCrossEntropy { .. }
        | Loss::Mse
        | Loss::Mae
        | Loss::Huber { .. } => format!("{call})"),
    }
}

/// A term as a sum over rows, each with its weight, by the rows of the update.
fn by_rows(of: &Training, index: usize) -> String {
    let (call, term) = (call(of, index), &of.train.losses[index]);
    let rows = match term.loss {
        Loss::SquaredError => format!("{call}, reduction=\"none\").flatten(1).sum(1)"),
        Loss::CrossEntropy { .. } => format!("{call}, reduction=\"none\")"),
        Loss::Perceptron => format!("{call}, reduction=\"none\").flatten(1).mean(1)"),
        Loss::BinaryCrossEntropy { .. } | Loss::Mse | Loss::Mae | Loss::Huber { .. } => {
            format!("{call}, reduction=\"none\").flatten(1).mean(1)")
        }
    };
    let whole = match (of.accumulates(), of.train.targets.len()) {
        (true, 1) => "whole".to_owned(),
        (true, _) => format!("all_{}", of.target_name(term.target)),
        (false, _) => of.target_name(term.target),
    };
    let divisor = match &term.class_weights {
        Some(_) => format!("{}.to({})[{whole}].sum()", class_weights(of, index), read(of, term)),
        None => format!("len({whole})"),
    };
    let weights = if of.has_row_weights { "weights * " } else { "" };
    format!("({weights}{rows}).sum() / {divisor}")
}

/// Writes `penalty`, if the spec has one. Returns whether it has.
pub fn penalty(of: &Training, lines: &mut Lines) -> bool {
    let groups = penalized(of);
    if groups.is_empty() {
        return false;
    }
    lines.gap();
    lines.line(format!("def penalty(model: {}) -> Tensor:", of.model.class));
    lines.indented(|lines| {
        lines.line("\"\"\"What weights add to the loss: l2 * Σw² and l1 * Σ|w|.\"\"\"");
        let mut sums = Vec::new();
        for (index, (l1, l2, weights)) in groups.iter().enumerate() {
            let name = if groups.len() == 1 { "weights".to_owned() } else { format!("weights_{}", index + 1) };
            lines.list(&format!("{name} = ["), weights, "]");
            let sum = |strength: f64, of: &str| match &weights[..] {
                [_] => format!("{} * {name}[0].{of}().sum()", number(strength)),
                _ => format!("{} * sum(weight.{of}().sum() for weight in {name})", number(strength)),
            };
            sums.extend((*l2 != 0.0).then(|| sum(*l2, "square")));
            sums.extend((*l1 != 0.0).then(|| sum(*l1, "abs")));
        }
        lines.line(format!("return {}", sums.join(" + ")));
    });
    true
}

/// The weights with each pair of strengths.
fn penalized(of: &Training) -> Vec<(f64, f64, Vec<String>)> {
    let mut groups: Vec<(f64, f64, Vec<String>)> = Vec::new();
    let places = of.model.places();
    let strength = |tensor: &Tensor| tensor.l1 != 0.0 || tensor.l2 != 0.0;
    for (tensor, place) in of.model.compiled.tensors.all.iter().zip(&places).filter(|(tensor, _)| strength(tensor)) {
        let Some(place) = place else { continue };
        let weight = format!("model.{}.{}", place.module, place.suffix);
        match groups.iter_mut().find(|(l1, l2, _)| *l1 == tensor.l1 && *l2 == tensor.l2) {
            Some((_, _, weights)) => weights.push(weight),
            None => groups.push((tensor.l1, tensor.l2, vec![weight])),
        }
    }
    groups
}

/// The metrics of a spec, each with its name and what computes it.
pub fn metrics(of: &Training) -> Vec<(String, String)> {
    let metric = |measure: &nn_compiler::model::Measure| {
        let target = &of.train.targets[measure.target];
        (measure.name.clone(), metric(of, measure.metric, target, measure.target))
    };
    of.train.metrics.iter().map(metric).collect()
}

fn metric(of: &Training, metric: Metric, target: &Target, index: usize) -> String {
    let (y, t) = (of.model.output(target.index), of.target_name(index));
    let last = of.model.reach.returned()[target.index].1;
    let completed = match last {
        Some(Last::Softmax) => format!("torch.softmax({y}, 1)"),
        Some(Last::Sigmoid) => format!("torch.sigmoid({y})"),
        Some(Last::Step) => format!("({y} > 0).to({y}.dtype)"),
        None => y.clone(),
    };
    match metric {
        Metric::Accuracy if target.is_class => format!("({y}.argmax(1) == {t}).double().mean()"),
        Metric::Accuracy => {
            let threshold = if last.is_some() { "0" } else { "0.5" };
            format!("(({y} > {threshold}) == ({t} > 0.5)).double().mean()")
        }
        Metric::Mae => format!("F.l1_loss({completed}, {t})"),
        Metric::Mse => format!("F.mse_loss({completed}, {t})"),
    }
}
