//! `check`, which compares the Python file with numbers of `nn`, and the files of weights and numbers.

use ndarray::Array2;
use nn_compiler::interp::State;
use nn_compiler::plan::Tensor;

use super::model::{Model, Place};
use super::training::Training;
use crate::golden::{Entry, Golden, Numbers, rows_entry, target_entry};
use crate::python::Lines;

/// The tensors of a state, as the state dictionary has them.
pub fn state(model: &Model, state: &State, prefix: &str, kind: fn(Vec<f64>) -> Numbers) -> Vec<Entry> {
    let places = model.places();
    let all = model.compiled.tensors.all.iter().zip(&state.tensors).zip(&places);
    all.filter_map(|((tensor, numbers), place)| Some(entry(tensor, numbers, place.as_ref()?, prefix, kind))).collect()
}

fn entry(tensor: &Tensor, numbers: &Array2<f64>, place: &Place, prefix: &str, kind: fn(Vec<f64>) -> Numbers) -> Entry {
    let (numbers, shape) = match place.is_transposed {
        true => (numbers.t().iter().copied().collect(), tensor.shape.iter().rev().copied().collect()),
        false => (numbers.iter().copied().collect(), tensor.shape.clone()),
    };
    Entry { name: format!("{prefix}{}", place.key), shape, numbers: kind(numbers) }
}

/// The numbers that `check` reads.
pub fn golden(model: &Model, golden: &Golden) -> Vec<Entry> {
    let compiled = model.compiled;
    let (graph, shapes) = (&compiled.model, &compiled.shapes);
    let mut entries = state(model, &golden.start, "start.", Numbers::Floats);
    for ((id, name), rows) in graph.inputs.iter().zip(&model.flow.inputs).zip(&golden.batch.inputs) {
        entries.push(rows_entry(format!("input.{name}"), rows, &shapes.of(*id).0));
    }
    for (index, (id, rows)) in graph.outputs.iter().zip(&golden.outputs).enumerate() {
        entries.push(rows_entry(format!("output.{index}"), rows, &shapes.of(*id).0));
    }
    let (Some(training), Some(train)) = (&golden.training, &graph.train) else { return entries };
    for (index, (target, numbers)) in train.targets.iter().zip(&golden.batch.targets).enumerate() {
        entries.push(target_entry(format!("target.{index}"), numbers, &shapes.of(target.output).0));
    }
    for (index, (id, rows)) in graph.outputs.iter().zip(&training.output_gradients).enumerate() {
        entries.push(rows_entry(format!("output_gradient.{index}"), rows, &shapes.of(*id).0));
    }
    if let Some(weights) = &golden.batch.row_weights {
        let numbers = Numbers::Floats(weights.clone());
        entries.push(Entry { name: "weights".to_owned(), shape: vec![weights.len()], numbers });
    }
    let sizes = [golden.rows, golden.parts, training.epoch_steps].map(|size| size as i64).to_vec();
    entries.push(Entry { name: "sizes".to_owned(), shape: vec![3], numbers: Numbers::Integers(sizes) });
    if !training.losses.is_empty() {
        let numbers = Numbers::Floats(training.losses.clone());
        entries.push(Entry { name: "losses".to_owned(), shape: vec![training.losses.len()], numbers });
    }
    let places = model.places();
    for ((tensor, numbers), place) in compiled.tensors.all.iter().zip(&training.gradients).zip(&places) {
        if let Some(place) = place.as_ref().filter(|_| model.reach.moves(tensor)) {
            entries.push(entry(tensor, numbers, place, "gradient.", Numbers::Floats));
        }
    }
    entries.extend(state(model, &training.after_one, "after_1.", Numbers::Floats));
    entries.extend(state(model, &training.after_all, "after_10.", Numbers::Floats));
    entries
}

/// Writes `check`.
pub fn check(model: &Model, training: Option<&Training>, has_schedule: bool, lines: &mut Lines) {
    lines.block(include_str!("pieces/differ.py"));
    lines.gap();
    lines.line("def check(file: Path = GOLDEN) -> bool:");
    lines.indented(|lines| {
        lines.line("\"\"\"Compares this file with numbers that `nn` computed in float64.");
        lines.line("");
        lines.line("Dropout is switched off, since its masks are random.");
        lines.line("\"\"\"");
        lines.line("golden, agrees = load_file(file), True");
        lines.line("for dtype in (torch.float64, torch.float32):");
        lines.indented(|lines| {
            start(model, lines);
            if let Some(training) = training {
                steps(training, has_schedule, lines);
            }
            lines.line("agrees &= report(dtype, found)");
        });
        lines.line("return agrees");
    });
}

fn start(model: &Model, lines: &mut Lines) {
    lines.line("numbers = {name: convert(value, dtype) for name, value in golden.items()}");
    lines.line(format!("model = {}().to(dtype)", model.class));
    lines.line("model.load_state_dict(part(numbers, \"start.\"))");
    lines.line("for layer in model.modules():");
    lines.indented(|lines| {
        lines.line("if isinstance(layer, nn.Dropout):");
        lines.indented(|lines| {
            lines.line("layer.p = 0.0");
        });
    });
    let inputs: Vec<String> = model.flow.inputs.iter().map(|name| format!("numbers[\"input.{name}\"]")).collect();
    let count = model.reach.returned().len();
    let predicted = format!("model.predict({})", inputs.join(", "));
    let predicted = if count == 1 { format!("({predicted},)") } else { predicted };
    lines.line(format!("outputs = {predicted}"));
    lines.line("expected = part(numbers, \"output.\")");
    lines.line("found = {\"outputs\": [differ(y, expected[str(at)]) for at, y in enumerate(outputs)]}");
}

fn steps(of: &Training, has_schedule: bool, lines: &mut Lines) {
    lines.line("rows, parts, epoch_steps = golden[\"sizes\"].tolist()");
    lines.line("optimizer = make_optimizer(model)");
    if has_schedule {
        lines.line(format!("schedule = make_schedule(optimizer, {}, epoch_steps)", of.train.epochs));
    }
    lines.line("model.train()");
    lines.line("for at in range(10):");
    lines.indented(|lines| {
        lines.line("batch = slice(at * rows * parts, (at + 1) * rows * parts)");
        let mut columns: Vec<String> =
            of.model.flow.inputs.iter().map(|name| format!("numbers[\"input.{name}\"][batch]")).collect();
        columns.extend((0..of.train.targets.len()).map(|index| format!("numbers[\"target.{index}\"][batch]")));
        columns.extend(of.has_row_weights.then(|| "numbers[\"weights\"][batch]".to_owned()));
        columns.extend(of.accumulates().then(|| "rows".to_owned()));
        if !of.train.has_loss() {
            let given = (0..of.output_count()).map(|index| format!("numbers[\"output_gradient.{index}\"][batch]"));
            columns.push(format!("[{}]", given.collect::<Vec<_>>().join(", ")));
        }
        let value = if of.train.has_loss() { "value = " } else { "" };
        lines.list(&format!("{value}gradients(model, "), &columns, ")");
        if of.train.has_loss() {
            lines.line("found.setdefault(\"losses\", []).append(differ(value, numbers[\"losses\"][at]))");
        }
        lines.line("if at == 0:");
        lines.indented(|lines| {
            lines.line("slopes = part(numbers, \"gradient.\")");
            lines.line("parameters = dict(model.named_parameters())");
            lines.line("zero = torch.zeros(())");
            lines.line("found[\"gradients\"] = [");
            lines.indented(|lines| {
                lines.line("differ(zero if parameters[name].grad is None else parameters[name].grad, slope)");
                lines.line("for name, slope in slopes.items()");
            });
            lines.line("]");
        });
        lines.line("update(model, optimizer)");
        if has_schedule {
            lines.line("schedule.step()");
        }
        lines.line("if at in (0, 9):");
        lines.indented(|lines| {
            lines.line("state, name = model.state_dict(), \"one step\" if at == 0 else \"ten steps\"");
            lines.line("after = part(numbers, f\"after_{at + 1}.\")");
            lines.line("found[name] = [differ(state[name], value, True) for name, value in after.items()]");
        });
    });
}
