//! `check`, which compares the Python file with numbers of `nn`, and the files of weights and numbers.

use nn_compiler::interp::State;
use nn_compiler::model::Schedule;

use super::model::Model;
use super::training::Training;
use crate::golden::{Entry, Golden, Numbers, rows_entry, target_entry};
use crate::python::Lines;

/// The tensors of a state, as Keras has them.
pub fn state(model: &Model, state: &State, prefix: &str, kind: fn(Vec<f64>) -> Numbers) -> Vec<Entry> {
    let all = model.compiled.tensors.all.iter().zip(&state.tensors);
    let entry = |(tensor, numbers): (_, &ndarray::Array2<f64>)| {
        let (shape, numbers) = model.converted(tensor, numbers);
        Some(Entry { name: format!("{prefix}{}", model.key(tensor)?), shape, numbers: kind(numbers) })
    };
    all.filter_map(entry).collect()
}

/// The numbers that `check` reads.
pub fn golden(model: &Model, golden: &Golden) -> Vec<Entry> {
    let (graph, shapes) = (&model.compiled.model, &model.compiled.shapes);
    let mut entries = state(model, &golden.start, "start.", Numbers::Floats);
    for (index, (id, rows)) in graph.inputs.iter().zip(&golden.batch.inputs).enumerate() {
        entries.push(rows_entry(format!("input.{index}"), rows, &shapes.of(*id).0));
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
    let floats = |name: &str, numbers: &[f64]| Entry {
        name: name.to_owned(),
        shape: vec![numbers.len()],
        numbers: Numbers::Floats(numbers.to_vec()),
    };
    entries.extend(golden.batch.row_weights.as_ref().map(|weights| floats("weights", weights)));
    entries.extend((!training.losses.is_empty()).then(|| floats("losses", &training.losses)));
    let sizes = [golden.rows, golden.parts, training.epoch_steps].map(|size| size as i64).to_vec();
    entries.push(Entry { name: "sizes".to_owned(), shape: vec![3], numbers: Numbers::Integers(sizes) });
    let moving = model.compiled.tensors.all.iter().zip(&training.gradients);
    for (tensor, numbers) in moving.filter(|(tensor, _)| model.reach.moves(tensor)) {
        if let Some(key) = model.key(tensor) {
            let (shape, numbers) = model.converted(tensor, numbers);
            entries.push(Entry { name: format!("gradient.{key}"), shape, numbers: Numbers::Floats(numbers) });
        }
    }
    entries.extend(state(model, &training.after_one, "after_1.", Numbers::Floats));
    entries.extend(state(model, &training.after_all, "after_10.", Numbers::Floats));
    entries
}

/// Writes `check`.
pub fn check(model: &Model, training: Option<&Training>, lines: &mut Lines) {
    lines.block(include_str!("pieces/differ.py"));
    lines.gap();
    lines.line("def check(file: Path = GOLDEN) -> bool:");
    lines.indented(|lines| {
        lines.line("\"\"\"Compares this file with numbers that `nn` computed in float64.");
        lines.line("");
        lines.line("Dropout is switched off, since its masks are random.");
        lines.line("\"\"\"");
        start(model, lines);
        if let Some(training) = training {
            steps(training, lines);
        }
        lines.line("return report(found)");
    });
}

fn start(model: &Model, lines: &mut Lines) {
    lines.line("numbers, dtype = load_file(file), keras.config.floatx()");
    lines.line("model = make_model()");
    lines.line("assign(model, part(numbers, \"start.\"))");
    lines.line("for layer in model.layers:");
    lines.indented(|lines| {
        lines.line("if isinstance(layer, layers.Dropout):");
        lines.indented(|lines| {
            lines.line("layer.rate = 0.0");
        });
    });
    let count = model.flow.inputs.len();
    lines.line(format!("inputs = [numbers[f\"input.{{at}}\"].astype(dtype) for at in range({count})]"));
    let call = "predict(model, *inputs)";
    let call = if model.reach.returned().len() == 1 { format!("[{call}]") } else { call.to_owned() };
    lines.line("expected = part(numbers, \"output.\")");
    lines.line(format!("found = {{\"outputs\": [differ(y, expected[str(at)]) for at, y in enumerate({call})]}}"));
}

fn steps(of: &Training, lines: &mut Lines) {
    let (names, targets): (Vec<String>, Vec<String>) = (0..of.output_count())
        .map(|output| {
            let target = match of.target_of(output) {
                Some(target) => format!("numbers[\"target.{target}\"]"),
                None => "np.zeros(len(inputs[0]))".to_owned(),
            };
            (of.loss_name(output), target)
        })
        .unzip();
    lines.line("rows, parts, epoch_steps = numbers[\"sizes\"].tolist()");
    let mut arguments = Vec::new();
    if of.train.schedule != Schedule::Constant {
        arguments.extend([of.train.epochs.to_string(), "epoch_steps".to_owned()]);
    }
    arguments.extend(of.accumulates().then(|| "parts".to_owned()));
    lines.line(format!("optimizer = make_optimizer({})", arguments.join(", ")));
    if of.train.has_loss() {
        lines.line(format!("losses = [{}]", names.join(", ")));
        lines.line(format!("targets = [{}]", targets.join(", ")));
    } else {
        let given = (0..of.output_count()).map(|index| format!("numbers[\"output_gradient.{index}\"]"));
        lines.line(format!("targets = [{}]", given.collect::<Vec<_>>().join(", ")));
    }
    if of.has_row_weights {
        lines.line("weights = numbers[\"weights\"]");
    }
    lines.line("for at in range(10):");
    lines.indented(|lines| step(of, lines));
}

fn step(of: &Training, lines: &mut Lines) {
    lines.line("values, slopes = [], []");
    lines.line("for start in range(at * rows * parts, (at + 1) * rows * parts, rows):");
    lines.indented(|lines| {
        lines.line("batch = slice(start, start + rows)");
        lines.line("wanted = [array[batch] for array in targets]");
        lines.line("");
        lines.line("def value_of(outputs):");
        lines.indented(|lines| {
            if of.output_count() == 1 {
                lines.line("outputs = [outputs]");
            }
            match (of.train.has_loss(), of.has_row_weights) {
                (false, _) => {
                    lines.line("return sum(ops.sum(tensor(g, dtype) * y) for g, y in zip(wanted, outputs))");
                }
                (true, weighted) => {
                    lines.line("triples = zip(losses, wanted, outputs)");
                    let weights = if weighted { "tensor(weights[batch], dtype) * " } else { "" };
                    lines.line(format!(
                        "return sum(ops.mean({weights}loss(tensor(t, dtype), y)) for loss, t, y in triples)"
                    ));
                }
            }
        });
        lines.line("");
        let inputs = if of.model.flow.inputs.len() == 1 { "inputs[0][batch]" } else { "[x[batch] for x in inputs]" };
        lines.line(format!("value, slope = gradients(model, {inputs}, value_of)"));
        lines.line("values.append(value)");
        lines.line("slopes.append(slope)");
        lines.line("optimizer.apply(slope, model.trainable_variables)");
    });
    if of.train.has_loss() {
        lines.line("value = sum(map(ops.convert_to_numpy, values)) / parts");
        lines.line("found.setdefault(\"losses\", []).append(differ(value, numbers[\"losses\"][at]))");
    }
    lines.line("if at == 0:");
    lines.indented(|lines| {
        lines.line("found[\"gradients\"] = []");
        lines.line("for weight, *slope in zip(model.trainable_variables, *slopes):");
        lines.indented(|lines| {
            lines.line("expected = numbers[f\"gradient.{'.'.join(weight.path.split('/')[-2:])}\"]");
            lines.line("slope = sum(0 * expected if s is None else ops.convert_to_numpy(s) for s in slope) / parts");
            lines.line("found[\"gradients\"].append(differ(slope, expected))");
        });
    });
    lines.line("if at in (0, 9):");
    lines.indented(|lines| {
        lines.line("name = \"one step\" if at == 0 else \"ten steps\"");
        lines.line("found[name] = differences(model, part(numbers, f\"after_{at + 1}.\"))");
    });
}
