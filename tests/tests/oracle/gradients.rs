//! Gradients of random graphs equal central differences of the oracle, in f64.

use nn_compiler::compile;
use nn_compiler::ids::TensorId;
use nn_compiler::interp::{Batch, Run, State, run};
use nn_compiler::lower::lower_with;
use nn_compiler::model::Node;
use nn_compiler::plan::{Mode, Op, TensorKind};
use nn_runtime::init::Generator;
use nn_tests::random::Random;

/// Half of the distance between the two points of a difference: errors of order h² = 1e-10 and
/// ε/h = 1e-11.
const H: f64 = 1e-5;

/// What a comparison has seen.
#[derive(Default)]
struct Seen {
    compared: usize,
    kinks: usize,
    frozen: usize,
}

impl Seen {
    /// Compares one derivative. Where one-sided differences disagree there is a kink, which has
    /// none.
    fn compare(&mut self, what: &str, analytic: f64, loss: impl Fn(f64) -> f64) {
        let (below, here, above) = (loss(-H), loss(0.0), loss(H));
        let (left, right) = ((here - below) / H, (above - here) / H);
        if (left - right).abs() > 1e-3 * (1.0 + left.abs().max(right.abs())) {
            self.kinks += 1;
            return;
        }
        let central = |h: f64| (loss(h) - loss(-h)) / (2.0 * h);
        let is_close = |numeric: &f64| (numeric - analytic).abs() <= 1e-6 * numeric.abs().max(analytic.abs()) + 1e-8;
        // Where the third derivative is large, the error of order h² is taken out by a difference
        // of twice the width. Where the loss is large, so is its rounding, ε·loss/h: a wider
        // difference has less of it.
        let extrapolated = |h: f64| (4.0 * central(h) - central(2.0 * h)) / 3.0;
        let numeric = (above - below) / (2.0 * H);
        let numeric = match is_close(&numeric) {
            true => numeric,
            false => [H, 100.0 * H].map(extrapolated).into_iter().find(is_close).unwrap_or(numeric),
        };
        assert!(is_close(&numeric), "{what}: {analytic} by the plan, {numeric} by differences");
        self.compared += 1;
    }
}

fn check(text: &str, random: &mut Random, mode: Mode, weighted: bool, seen: &mut Seen) {
    let outcome = compile(text);
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.diagnostics));
    let model = &compiled.model;
    let plan = lower_with(model, &compiled.shapes, &compiled.tensors, mode, true);
    let state = random.state(&compiled);
    let mut batch = random.batch(&compiled, &plan, 4);
    batch.row_weights = weighted.then(|| vec![1.5, 0.0, -0.75, 2.0]);
    let pass = |state: &State, batch: &Batch| -> Run { run(&plan, &mut state.clone(), batch) };
    let analytic = pass(&state, &batch);
    for (index, tensor) in
        compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.kind == TensorKind::Parameter)
    {
        if !tensor.learns() {
            let of_tensor = |op: &Op| op.gradients().contains(&TensorId(index));
            let alone = plan.steps.iter().filter(|step| of_tensor(&step.op) && step.op.writes().is_empty());
            assert_eq!(alone.count(), 0, "{text}\n{} is frozen", tensor.name);
            seen.frozen += 1;
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
}

#[test]
fn gradients_of_random_graphs_are_central_differences() {
    let mut random = Random(Generator::new(2026));
    let mut seen = Seen::default();
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
            check(&text, &mut random, mode, graph % 2 == 0, &mut seen);
        }
    }
    assert!(seen.compared > 20_000, "{} derivatives compared", seen.compared);
    assert!(seen.frozen > 300, "{} frozen parameters", seen.frozen);
    assert!(seen.kinks * 100 < seen.compared, "{} of {} at kinks", seen.kinks, seen.compared);
    let all = nn_compiler::layers::signatures().map(|signature| signature.name);
    let missing: Vec<&str> = all.filter(|name| !layers.contains(name) && !["step", "reshape"].contains(name)).collect();
    assert_eq!(missing, [] as [&str; 0], "layers that no graph had");
}
