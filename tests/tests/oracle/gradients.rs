//! Gradients of random graphs equal central differences of the oracle, in f64.

use nn_compiler::compile;
use nn_compiler::ids::TensorId;
use nn_compiler::interp::{Batch, Run, State, run};
use nn_compiler::lower::lower_with;
use nn_compiler::model::Node;
use nn_compiler::plan::{Mode, Op, TensorKind};
use nn_runtime::init::Generator;
use nn_tests::differences::Seen;
use nn_tests::random::Random;

/// Returns how many parameters are frozen.
fn check(text: &str, random: &mut Random, mode: Mode, weighted: bool, seen: &mut Seen) -> usize {
    let outcome = compile(text);
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.diagnostics));
    let model = &compiled.model;
    let plan = lower_with(model, &compiled.shapes, &compiled.tensors, mode, true);
    let state = random.state(&compiled);
    let mut batch = random.batch(&compiled, &plan, 4);
    batch.row_weights = weighted.then(|| vec![1.5, 0.0, -0.75, 2.0]);
    let pass = |state: &State, batch: &Batch| -> Run { run(&plan, &mut state.clone(), batch) };
    let analytic = pass(&state, &batch);
    let mut frozen = 0;
    for (index, tensor) in
        compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.kind == TensorKind::Parameter)
    {
        if !tensor.learns() {
            let of_tensor = |op: &Op| op.gradients().contains(&TensorId(index));
            let alone = plan.steps.iter().filter(|step| of_tensor(&step.op) && step.op.writes().is_empty());
            assert_eq!(alone.count(), 0, "{text}\n{} is frozen", tensor.name);
            frozen += 1;
            continue;
        }
        for (at, _) in state.tensors[index].indexed_iter() {
            let loss = |step: f64| {
                let mut moved = state.clone();
                moved.tensors[index][at] += step;
                pass(&moved, &batch).loss
            };
            seen.compare(&format!("{text}\n{} {at:?}", tensor.name), analytic.gradients[index][at], loss);
        }
    }
    for (index, input) in batch.inputs.iter().enumerate() {
        let Some(gradient) = &analytic.input_gradients[index] else { continue };
        for (at, _) in input.indexed_iter() {
            let loss = |step: f64| {
                let mut moved = batch.clone();
                moved.inputs[index][at] += step;
                pass(&state, &moved).loss
            };
            seen.compare(&format!("{text}\ninput {index} {at:?}"), gradient[at], loss);
        }
    }
    frozen
}

#[test]
fn gradients_of_random_graphs_are_central_differences() {
    let mut random = Random(Generator::new(2026));
    let (mut seen, mut frozen) = (Seen::default(), 0);
    let mut layers = std::collections::BTreeSet::new();
    for graph in 0..700 {
        let text = if graph < 400 { random.spec() } else { random.image_spec() };
        if let Some(compiled) = compile(&text).compiled {
            layers.extend(compiled.model.values.iter().filter_map(|value| match &value.node {
                Node::Layer { layer, .. } => Some(layer.rule().name()),
                Node::Input { .. } | Node::Merge { .. } => None,
            }));
        }
        for mode in [Mode::Training, Mode::FrozenTraining] {
            frozen += check(&text, &mut random, mode, graph % 2 == 0, &mut seen);
        }
    }
    assert!(seen.compared > 20_000, "{} derivatives compared", seen.compared);
    assert!(frozen > 300, "{frozen} frozen parameters");
    assert!(seen.kinks * 100 < seen.compared, "{} of {} at kinks", seen.kinks, seen.compared);
    let all = nn_compiler::layers::signatures().map(|signature| signature.name);
    let missing: Vec<&str> = all.filter(|name| !layers.contains(name) && !["step", "reshape"].contains(name)).collect();
    assert_eq!(missing, [] as [&str; 0], "layers that no graph had");
}
