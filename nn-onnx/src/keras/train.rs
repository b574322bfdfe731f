//! `train`.

use nn_compiler::batching;
use nn_compiler::model::{AugmentationKind, BatchSize, Monitor, Reported, Schedule};
use nn_compiler::vocabulary::Metric;

use super::loss;
use super::training::Training;
use crate::python::{Lines, number};

/// Writes `set_statistics`, which `normalize` needs.
pub fn statistics(lines: &mut Lines) {
    lines.block(include_str!("pieces/statistics.py"));
}

/// The functions that change training images, and `augment`. Returns whether the spec changes any.
pub fn augment(of: &Training, lines: &mut Lines) -> bool {
    let changes = of.model.compiled.model.data.as_ref().map_or(&[][..], |data| &data.augment);
    if changes.is_empty() {
        return false;
    }
    let written: Vec<String> = changes.iter().map(|change| change.kind.to_string()).collect();
    let pieces = [("shift", include_str!("pieces/shift.py")), ("flip", include_str!("pieces/flip.py"))];
    for (_, piece) in pieces.iter().filter(|(word, _)| written.iter().any(|change| change.starts_with(word))) {
        lines.gap();
        lines.block(piece);
    }
    lines.gap();
    lines.line("def augment(images, random):");
    lines.indented(|lines| {
        lines.line("\"\"\"Changes each training image anew in each epoch.\"\"\"");
        for change in changes {
            match change.kind {
                AugmentationKind::Shift { most } => lines.line(format!("images = shift(images, {most}, random)")),
                AugmentationKind::Flip => lines.line("images = flip(images, random)"),
                AugmentationKind::Noise { deviation } => {
                    let noise = number(deviation);
                    lines.line(format!("images = images + random.normal(0.0, {noise}, images.shape)"))
                }
            };
        }
        lines.line("return images");
    });
    true
}

/// Writes `train`.
pub fn train(of: &Training, augments: bool, normalizes: bool, lines: &mut Lines) {
    lines.line("def train(");
    lines.indented(|lines| {
        lines.line("model: keras.Model,");
        lines.line("inputs: list,");
        lines.line("targets: list,");
        if of.has_row_weights {
            lines.line("weights,");
        }
        lines.line("validation: tuple | None = None,");
        lines.line(format!("epochs: int = {},", of.train.epochs));
        if let BatchSize::Rows(rows) = of.train.batch {
            lines.line(format!("batch: int = {rows},"));
        }
        lines.line(format!("seed: int = {},", of.train.seed));
    });
    lines.line("):");
    lines.indented(|lines| {
        let targets: Vec<String> = (0..of.train.targets.len()).map(|index| of.target_name(index)).collect();
        lines.line("\"\"\"Trains as the spec says. The model keeps the weights of the best epoch.");
        lines.line("");
        lines.line(format!("The arrays of `inputs` are [{}].", of.model.flow.inputs.join(", ")));
        lines.line(format!("Those of `targets` are [{}]; `validation` has both.", targets.join(", ")));
        lines.line("\"\"\"");
        body(of, augments, normalizes, lines);
    });
}

fn body(of: &Training, augments: bool, normalizes: bool, lines: &mut Lines) {
    lines.line("keras.utils.set_random_seed(seed)");
    if normalizes {
        lines.line("set_statistics(model, inputs)");
    }
    let names: Vec<String> = (0..of.output_count()).map(|output| of.loss_name(output)).collect();
    let placed: Vec<String> = (0..of.output_count())
        .map(|output| match of.target_of(output) {
            Some(target) => format!("targets[{target}]"),
            None => "np.zeros(len(inputs[0]))".to_owned(),
        })
        .collect();
    let (weights, parameter) = match (of.has_row_weights, of.output_count()) {
        (false, _) => (String::new(), ""),
        (true, count) => (format!(", [{}]", vec!["weights"; count].join(", ")), ", weights"),
    };
    let rows = if of.train.batch == BatchSize::All { "len(inputs[0])" } else { "batch" };
    let model = of.model.compiled;
    let least = if batching::lone_norms(&model.model, &model.shapes).next().is_some() { ", least=2" } else { "" };
    let change = if augments { ", change=augment" } else { "" };
    lines.line("");
    lines.line(format!("def arranged(inputs, targets{parameter}):"));
    lines.indented(|lines| {
        lines.line(format!("return inputs, [{}]{weights}", placed.join(", ")));
    });
    lines.line("");
    lines.line("if validation:");
    lines.indented(|lines| {
        let rows = if of.train.batch == BatchSize::All { "len(validation[0][0])" } else { "batch" };
        lines.line(format!("validation = Batches(arranged(*validation), {rows}, seed)"));
    });
    lines.code(format!("batches = Batches(arranged(inputs, targets{parameter}), {rows}, seed{change}{least})"));
    let mut arguments = Vec::new();
    if of.train.schedule != Schedule::Constant {
        let steps = if of.accumulates() {
            format!("-(-len(batches) // {})", of.train.accumulate)
        } else {
            "len(batches)".into()
        };
        arguments.extend(["epochs".to_owned(), steps]);
    }
    lines.line("model.compile(");
    lines.indented(|lines| {
        lines.line(format!("optimizer=make_optimizer({}),", arguments.join(", ")));
        lines.line(format!("loss=[{}],", names.join(", ")));
        metrics(of, lines);
    });
    lines.line(")");
    stopping(of, lines);
    lines.line("return model.fit(batches, epochs=epochs, validation_data=validation, callbacks=[best])");
}

fn metrics(of: &Training, lines: &mut Lines) {
    if of.train.metrics.is_empty() {
        return;
    }
    lines.line("metrics=[");
    lines.indented(|lines| {
        for output in 0..of.output_count() {
            let calls: Vec<String> = loss::metrics(of, output).into_iter().map(|(_, call)| call).collect();
            match &calls[..] {
                [one] => {
                    lines.code(format!("[{one}],"));
                }
                _ => {
                    lines.list("[", &calls, "],");
                }
            }
        }
    });
    lines.line("],");
}

/// Keeps the weights of the best epoch, and ends the training early.
fn stopping(of: &Training, lines: &mut Lines) {
    let stopping = of.train.early_stopping.as_ref();
    let monitor = stopping.map(|stopping| stopping.monitor);
    let patience = stopping.map_or_else(|| "epochs".to_owned(), |stopping| stopping.patience.to_string());
    let least = stopping.map_or(0.0, |stopping| stopping.min_delta);
    let mode = match monitor.map(|monitor| monitor.reported) {
        Some(Reported::Metric(index)) if of.train.metrics[index].metric == Metric::Accuracy => "max",
        Some(Reported::Metric(_) | Reported::Loss) | None => "min",
    };
    lines.line(format!("name = {}", monitored(of, monitor)));
    lines.line("best = keras.callbacks.EarlyStopping(");
    lines.indented(|lines| {
        lines.line(format!("name, min_delta={}, patience={patience}, mode=\"{mode}\",", number(least)));
        lines.line("restore_best_weights=validation is not None,");
    });
    lines.line(")");
}

/// What Keras calls the number that is monitored.
fn monitored(of: &Training, monitor: Option<Monitor>) -> String {
    let Some(monitor) = monitor else { return "\"val_loss\" if validation else \"loss\"".to_owned() };
    let prefix = if monitor.on_validation { "val_" } else { "" };
    match monitor.reported {
        Reported::Loss => format!("\"{prefix}loss\""),
        Reported::Metric(index) => {
            let measure = &of.train.metrics[index];
            let name = measure.metric.name();
            match of.output_count() {
                1 => format!("\"{prefix}{name}\""),
                _ => {
                    let output = of.train.targets[measure.target].index;
                    format!("\"{prefix}{}_{name}\"", of.model.output(output))
                }
            }
        }
    }
}
