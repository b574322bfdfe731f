//! `gradients`, `evaluate` and `train`.

use nn_compiler::batching;
use nn_compiler::model::{AugmentationKind, BatchSize, Reported};
use nn_compiler::vocabulary::Metric;

use super::loss;
use super::training::Training;
use crate::python::{Lines, number};

/// Writes `gradients`: the loss of a batch, and the gradients of all parameters.
pub fn gradients(of: &Training, has_penalty: bool, lines: &mut Lines) {
    let inputs = of.model.flow.inputs.join(", ");
    if !of.train.has_loss() {
        let typed: Vec<String> = of.model.flow.inputs.iter().map(|name| format!("{name}: Tensor")).collect();
        let class = &of.model.class;
        lines.line(format!("def gradients(model: {class}, {}, output_gradients) -> None:", typed.join(", ")));
        lines.indented(|lines| {
            lines.line("\"\"\"The gradients of all parameters, from those of the outputs, which you compute.\"\"\"");
            lines.line("model.zero_grad()");
            lines.line(format!("torch.autograd.backward(model({inputs}), output_gradients)"));
            if has_penalty {
                lines.line("penalty(model).backward()");
            }
        });
        return;
    }
    let mut typed: Vec<String> = of.columns().iter().map(|name| format!("{name}: Tensor")).collect();
    if of.accumulates() {
        typed.push("batch: int".to_owned());
    }
    lines.list(&format!("def gradients(model: {}, ", of.model.class), &typed, ") -> Tensor:");
    lines.indented(|lines| {
        if of.accumulates() {
            accumulated(of, has_penalty, lines);
            return;
        }
        lines.line("\"\"\"The gradients of all parameters by a batch. Returns its loss.\"\"\"");
        lines.line("model.zero_grad()");
        let weights = if of.has_row_weights { ", weights" } else { "" };
        let penalty = if has_penalty { " + penalty(model)" } else { "" };
        lines.line(format!("value = loss(model({inputs}), {}{weights}){penalty}", of.targets()));
        lines.line("value.backward()");
        lines.line("return value.detach()");
    });
}

fn accumulated(of: &Training, has_penalty: bool, lines: &mut Lines) {
    let (inputs, targets) = (of.model.flow.inputs.join(", "), of.targets());
    lines.line("\"\"\"The gradients of all parameters by parts of `batch` rows. Returns the loss of all.\"\"\"");
    lines.line("model.zero_grad()");
    lines.line(format!("whole = {targets}"));
    if has_penalty {
        lines.line("total = penalty(model)");
        lines.line("total.backward()");
    } else {
        lines.line("total = torch.zeros(())");
    }
    let columns: Vec<String> = of.columns().iter().map(|name| format!("{name}.split(batch)")).collect();
    lines.line(format!("for {} in zip({}):", of.columns().join(", "), columns.join(", ")));
    lines.indented(|lines| {
        let weights = if of.has_row_weights { ", weights" } else { "" };
        lines.line(format!("part = loss(model({inputs}), {targets}{weights}, whole)"));
        lines.line("part.backward()");
        lines.line("total = total + part");
    });
    lines.line("return total.detach()");
}

/// Writes `evaluate`.
pub fn evaluate(of: &Training, has_penalty: bool, lines: &mut Lines) {
    lines.line("@torch.no_grad()");
    lines.line(format!("def evaluate(model: {}, data: TensorDataset) -> dict[str, float]:", of.model.class));
    lines.indented(|lines| {
        lines.line("\"\"\"The loss and the metrics over all rows, as at inference.\"\"\"");
        lines.line("model.eval()");
        let columns = of.columns();
        let comma = if columns.len() == 1 { "," } else { "" };
        lines.line(format!("{}{comma} = data.tensors", columns.join(", ")));
        let metrics = loss::metrics(of);
        let names: Vec<String> = (0..of.output_count()).map(|at| of.model.output(at)).collect();
        let call = format!("model({})", of.model.flow.inputs.join(", "));
        lines.line(format!("{} = {call}", names.join(", ")));
        let outputs = if names.len() == 1 { names[0].clone() } else { format!("({})", names.join(", ")) };
        let targets = of.targets();
        let mut arguments = format!("{outputs}, {targets}");
        if of.has_row_weights {
            arguments += ", weights";
        }
        if of.accumulates() {
            arguments += &format!(", {targets}");
        }
        let penalty = if has_penalty { " + penalty(model)" } else { "" };
        lines.line("figures = {");
        lines.indented(|lines| {
            lines.line(format!("\"loss\": loss({arguments}){penalty},"));
            for (name, value) in metrics {
                lines.line(format!("\"{name}\": {value},"));
            }
        });
        lines.line("}");
        lines.line("return {name: value.item() for name, value in figures.items()}");
    });
}

/// Writes `set_statistics`, which `normalize` needs.
pub fn statistics(of: &Training, lines: &mut Lines) {
    let inputs = of.model.flow.inputs.len();
    lines.line("@torch.no_grad()");
    lines.line(format!("def set_statistics(model: {}, data: TensorDataset) -> None:", of.model.class));
    lines.indented(|lines| {
        lines.line("\"\"\"Takes the statistics of each `Normalize` from the rows that reach it.\"\"\"");
        lines.line("model.eval()");
        lines.line("for layer in model.modules():");
        lines.indented(|lines| {
            lines.line("if isinstance(layer, Normalize):");
            lines.indented(|lines| {
                lines.line("hook = layer.register_forward_pre_hook(lambda layer, inputs: layer.observe(*inputs))");
                lines.line(format!("model(*data.tensors[:{inputs}])"));
                lines.line("hook.remove()");
            });
        });
    });
}

/// The functions that change training images, and `augment`. Returns whether the spec changes any.
pub fn augment(of: &Training, lines: &mut Lines) -> bool {
    let changes = of.model.compiled.model.data.as_ref().map_or(&[][..], |data| &data.augment);
    if changes.is_empty() {
        return false;
    }
    let has = |wanted: fn(&AugmentationKind) -> bool| changes.iter().any(|change| wanted(&change.kind));
    let pieces: [(bool, &str); 2] = [
        (has(|kind| kind.to_string().starts_with("shift")), include_str!("pieces/shift.py")),
        (has(|kind| kind.to_string().starts_with("flip")), include_str!("pieces/flip.py")),
    ];
    for (_, piece) in pieces.iter().filter(|(is_used, _)| *is_used) {
        lines.gap();
        lines.block(piece);
    }
    lines.gap();
    lines.line("def augment(images: Tensor) -> Tensor:");
    lines.indented(|lines| {
        lines.line("\"\"\"Changes each training image anew in each epoch.\"\"\"");
        for change in changes {
            match change.kind {
                AugmentationKind::Shift { most } => lines.line(format!("images = shift(images, {most})")),
                AugmentationKind::Flip => lines.line("images = flip(images)"),
                AugmentationKind::Noise { deviation } => {
                    lines.line(format!("images = images + {} * torch.randn_like(images)", number(deviation)))
                }
            };
        }
        lines.line("return images");
    });
    true
}

/// What `train` has to know of the rest of the file.
pub struct Parts {
    /// Whether there is `make_schedule`.
    pub has_schedule: bool,
    /// Whether there is `augment`.
    pub augments: bool,
    /// Whether there is `set_statistics`.
    pub normalizes: bool,
}

/// Writes `train`.
pub fn train(of: &Training, parts: &Parts, lines: &mut Lines) {
    let (class, epochs, seed) = (&of.model.class, of.train.epochs, of.train.seed);
    lines.line("def train(");
    lines.indented(|lines| {
        lines.line(format!("model: {class},"));
        lines.line("data: TensorDataset,");
        lines.line("validation: TensorDataset | None = None,");
        lines.line(format!("epochs: int = {epochs},"));
        if let BatchSize::Rows(rows) = of.train.batch {
            lines.line(format!("batch: int = {rows},"));
        }
        lines.line(format!("seed: int = {seed},"));
    });
    lines.line(") -> None:");
    lines.indented(|lines| {
        lines.line("\"\"\"Trains as the spec says. The model keeps the weights of the best epoch.");
        lines.line("");
        lines.line(format!("A dataset has the tensors {}.", of.columns().join(", ")));
        lines.line("\"\"\"");
        prepare(of, parts, lines);
        lines.line("for epoch in range(1, epochs + 1):");
        lines.indented(|lines| epoch(of, parts, lines));
        lines.line("if kept is not None:");
        lines.indented(|lines| {
            lines.line("model.load_state_dict(kept)");
        });
    });
}

fn prepare(of: &Training, parts: &Parts, lines: &mut Lines) {
    lines.line("torch.manual_seed(seed)");
    if parts.normalizes {
        lines.line("set_statistics(model, data)");
    }
    lines.line("optimizer = make_optimizer(model)");
    let rows = match (of.train.batch, of.train.accumulate) {
        (BatchSize::All, _) => "len(data)".to_owned(),
        (BatchSize::Rows(_), 1) => "batch".to_owned(),
        (BatchSize::Rows(_), count) => format!("{count} * batch"),
    };
    let model = of.model.compiled;
    if batching::lone_norms(&model.model, &model.shapes).next().is_some() {
        lines.line("# A last batch of one row would be its own mean.");
        lines.line(format!("drops = len(data) % ({rows}) == 1").replace("(batch)", "batch"));
        lines.line(format!("loader = DataLoader(data, batch_size={rows}, shuffle=True, drop_last=drops)"));
    } else {
        lines.line(format!("loader = DataLoader(data, batch_size={rows}, shuffle=True)"));
    }
    if parts.has_schedule {
        lines.line("schedule = make_schedule(optimizer, epochs, len(loader))");
    }
    lines.line("best, kept, waited = float(\"inf\"), None, 0");
}

fn epoch(of: &Training, parts: &Parts, lines: &mut Lines) {
    let columns = of.columns();
    lines.line("model.train()");
    lines.line("total, rows = 0.0, 0");
    lines.line(format!("for {} in loader:", columns.join(", ")));
    lines.indented(|lines| {
        let compiled = of.model.compiled;
        for (id, name) in compiled.model.inputs.iter().zip(&of.model.flow.inputs) {
            if parts.augments && compiled.shapes.of(*id).0.len() == 3 {
                lines.line(format!("{name} = augment({name})"));
            }
        }
        let batch = if of.accumulates() { ", batch" } else { "" };
        lines.line(format!("found = gradients(model, {}{batch})", columns.join(", ")));
        lines.line("update(model, optimizer)");
        if parts.has_schedule {
            lines.line("schedule.step()");
        }
        lines.line(format!("total, rows = total + found.item() * len({0}), rows + len({0})", columns[0]));
    });
    lines.line("figures = {\"loss\": total / rows}");
    let monitor = of.train.early_stopping.as_ref().map(|stopping| stopping.monitor);
    let metric_of_training =
        monitor.is_some_and(|monitor| !monitor.on_validation && monitor.reported != Reported::Loss);
    if metric_of_training {
        lines.line("figures = evaluate(model, data)");
    }
    lines.line("if validation is not None:");
    lines.indented(|lines| {
        lines.line("of_validation = evaluate(model, validation)");
        lines.line("figures |= {f\"val_{name}\": value for name, value in of_validation.items()}");
    });
    lines.line("print(f\"epoch {epoch}/{epochs}\", *(f\"{name} {value:.4f}\" for name, value in figures.items()))");
    monitored(of, lines);
}

/// Keeps the weights of the best epoch, and ends the training early.
fn monitored(of: &Training, lines: &mut Lines) {
    let stopping = of.train.early_stopping.as_ref();
    let name = stopping.map_or_else(|| "val_loss".to_owned(), |stopping| of.train.monitor_name(stopping.monitor));
    let is_accuracy = stopping.is_some_and(|stopping| match stopping.monitor.reported {
        Reported::Loss => false,
        Reported::Metric(index) => of.train.metrics[index].metric == Metric::Accuracy,
    });
    let sign = if is_accuracy { "-" } else { "" };
    lines.line(format!("if \"{name}\" not in figures:"));
    lines.indented(|lines| {
        lines.line("continue");
    });
    let least = stopping.map_or(0.0, |stopping| stopping.min_delta);
    let least = if least == 0.0 { String::new() } else { format!(" - {}", number(least)) };
    lines.line(format!("if {sign}figures[\"{name}\"] < best{least}:"));
    lines.indented(|lines| {
        lines.line("kept = {name: value.clone() for name, value in model.state_dict().items()}");
        lines.line(format!("best, waited = {sign}figures[\"{name}\"], 0"));
    });
    if let Some(stopping) = stopping {
        lines.line("else:");
        lines.indented(|lines| {
            lines.line("waited += 1");
            lines.line(format!("if waited == {}:", stopping.patience));
            lines.indented(|lines| {
                lines.line("break");
            });
        });
    }
}
