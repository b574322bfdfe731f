//! The losses of a spec, one function for each output: values of rows, whose mean is the loss. Metrics, too.

use nn_compiler::model::{LossTerm, Measure};
use nn_compiler::vocabulary::{Loss, Metric};

use super::training::Training;
use crate::python::{Last, Lines, number, numbers};

/// Writes the losses of all outputs.
pub fn losses(of: &Training, lines: &mut Lines) {
    for output in 0..of.output_count() {
        if let Some(target) = of.target_of(output) {
            lines.gap();
            loss(of, output, target, lines);
        }
    }
    if (0..of.output_count()).any(|output| of.target_of(output).is_none()) {
        lines.gap();
        lines.line("def no_loss(target, y):");
        lines.indented(|lines| {
            lines.line("\"\"\"For outputs without a loss.\"\"\"");
            lines.line("return 0.0 * ops.mean(ops.reshape(y, (len(y), -1)), -1)");
        });
    }
}

fn loss(of: &Training, output: usize, target: usize, lines: &mut Lines) {
    let y = of.model.output(output);
    lines.line(format!("def {}(target, {y}):", of.loss_name(output)));
    lines.indented(|lines| {
        lines.line("\"\"\"The loss of each row; the loss of a batch is their mean.\"\"\"");
        match of.train.targets[target].is_class {
            true => lines.line("target = ops.reshape(ops.cast(target, \"int32\"), (-1,))"),
            false => lines.line(format!("target = ops.reshape(target, ops.shape({y}))")),
        };
        let terms: Vec<&LossTerm> = of.train.losses.iter().filter(|term| term.target == target).collect();
        for (at, term) in terms.iter().enumerate() {
            let value = rows(of, term, output, lines);
            let weighed = if term.weight == 1.0 { value } else { format!("{} * ({value})", number(term.weight)) };
            lines.line(match (at, terms.len()) {
                (_, 1) => format!("return {weighed}"),
                (0, _) => format!("value = {weighed}"),
                _ => format!("value = value + {weighed}"),
            });
        }
        if terms.len() > 1 {
            lines.line("return value");
        }
    });
}

/// What the loss reads of an output: as the model returns it, or completed.
fn completed(last: Option<Last>, y: &str) -> String {
    match last {
        Some(Last::Softmax) => format!("ops.softmax({y})"),
        Some(Last::Sigmoid) => format!("ops.sigmoid({y})"),
        Some(Last::Step) => format!("ops.cast({y} > 0, {y}.dtype)"),
        None => y.to_owned(),
    }
}

/// The values of the rows by a term.
fn rows(of: &Training, term: &LossTerm, output: usize, lines: &mut Lines) -> String {
    let y = of.model.output(output);
    let read = completed(of.model.reach.returned()[output].1, &y);
    let is_flat = of.model.compiled.shapes.of(of.model.compiled.model.outputs[output]).0.len() == 1;
    let over = |value: String, how: &str| match is_flat {
        true => format!("ops.{how}({value}, -1)"),
        false => format!("ops.{how}(ops.reshape({value}, (ops.shape({y})[0], -1)), -1)"),
    };
    match term.loss {
        Loss::CrossEntropy { label_smoothing } => cross_entropy(term, label_smoothing, &y, lines),
        Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => {
            let t = match label_smoothing {
                0.0 => "target".to_owned(),
                share => format!("({} * target + {})", number(1.0 - share), number(share / 2.0)),
            };
            let weight = if positive_weight == 1.0 { String::new() } else { format!("{} * ", number(positive_weight)) };
            over(format!("{weight}{t} * ops.softplus(-{y}) + (1 - {t}) * ops.softplus({y})"), "mean")
        }
        Loss::Mse => over(format!("ops.square({read} - target)"), "mean"),
        Loss::SquaredError => over(format!("ops.square({read} - target)"), "sum"),
        Loss::Mae => over(format!("ops.abs({read} - target)"), "mean"),
        Loss::Huber { delta } => {
            let delta = number(delta);
            lines.line(format!("error = ops.abs({read} - target)"));
            over(format!("ops.where(error <= {delta}, 0.5 * error**2, {delta} * (error - 0.5 * {delta}))"), "mean")
        }
        Loss::Perceptron => {
            lines.line("# Its gradient is the error, as in the perceptron rule.");
            lines.line(format!("error = ops.cast({y} > 0, {y}.dtype) - target"));
            over(format!("ops.abs(error) + error * ({y} - ops.stop_gradient({y}))"), "mean")
        }
    }
}

fn cross_entropy(term: &LossTerm, smoothing: f64, y: &str, lines: &mut Lines) -> String {
    lines.line(format!("logs = ops.log_softmax({y})"));
    let weights = term.class_weights.as_ref().map(|weights| &weights.weights[..]);
    if let Some(weights) = weights {
        lines.list("class_weights = ops.convert_to_tensor([", &numbers(weights), &format!("], {y}.dtype)"));
    }
    let weighed = if weights.is_some() { "class_weights * logs" } else { "logs" };
    let own = format!("-ops.take_along_axis({weighed}, target[:, None], -1)[:, 0]");
    let value = match smoothing {
        0.0 => own,
        share => {
            lines.line(format!("others = -ops.mean({weighed}, -1)"));
            format!("{} * {own} + {} * others", number(1.0 - share), number(share))
        }
    };
    match weights {
        None => value,
        Some(_) => {
            lines.line("# The sum over the rows is divided by the weights of their classes.");
            lines.line("scale = ops.cast(ops.shape(target)[0], logs.dtype) / ops.sum(ops.take(class_weights, target))");
            format!("scale * ({value})")
        }
    }
}

/// The metrics of an output: their names, and functions that give a value for each row or number.
pub fn metrics(of: &Training, output: usize) -> Vec<(String, String)> {
    let target = of.target_of(output);
    let measures = of.train.metrics.iter().filter(|measure| Some(measure.target) == target);
    measures.map(|measure| metric(of, measure, output)).collect()
}

fn metric(of: &Training, measure: &Measure, output: usize) -> (String, String) {
    let last = of.model.reach.returned()[output].1;
    let read = completed(last, "y");
    let formula = match measure.metric {
        Metric::Accuracy if of.train.targets[measure.target].is_class => {
            "ops.equal(ops.argmax(y, -1), ops.cast(ops.reshape(target, (-1,)), \"int32\"))".to_owned()
        }
        Metric::Accuracy => {
            let threshold = if last.is_some() { "0" } else { "0.5" };
            format!("ops.equal(y > {threshold}, ops.reshape(target, ops.shape(y)) > 0.5)")
        }
        Metric::Mae => format!("ops.abs({read} - ops.reshape(target, ops.shape(y)))"),
        Metric::Mse => format!("ops.square({read} - ops.reshape(target, ops.shape(y)))"),
    };
    let name = measure.metric.name();
    let call =
        format!("keras.metrics.MeanMetricWrapper(lambda target, y: ops.cast({formula}, \"float32\"), name=\"{name}\")");
    (name.to_owned(), call)
}
