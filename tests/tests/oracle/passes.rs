//! The passes keep the numbers: plans before them and after them agree to the last bit in the
//! oracle, and so they do where the buffers of a slot have to share it.

use nn_compiler::interp::{Batch, Run, State, run, run_on_slots};
use nn_compiler::lower::{lower, normalizations};
use nn_compiler::plan::{Location, Mode, Plan};
use nn_compiler::{Compiled, compile};
use nn_runtime::init::Generator;
use nn_tests::random::Random;

/// What a pass leaves behind: everything but the buffers between.
fn results(run: Run, state: State) -> impl PartialEq + std::fmt::Debug {
    (run.outputs, run.loss, run.metrics, run.gradients, run.input_gradients, state)
}

fn assert_same(text: &str, before: &Plan, after: &Plan, state: &State, batch: &Batch) {
    let pass = |plan: &Plan, run: fn(&Plan, &mut State, &Batch) -> Run| {
        let mut state = state.clone();
        let run = run(plan, &mut state, batch);
        results(run, state)
    };
    let expected = pass(before, run);
    assert_eq!(expected, pass(after, run), "{text}\n{:?}: the passes changed the numbers", before.mode);
    assert_eq!(expected, pass(after, run_on_slots), "{text}\n{:?}: slots changed the numbers", before.mode);
}

/// Every plan of a network, as lowering gives it and as the passes leave it.
fn plans(compiled: &Compiled) -> Vec<(Plan, &Plan)> {
    let (model, shapes, tensors) = (&compiled.model, &compiled.shapes, &compiled.tensors);
    let training = compiled.training.as_ref().expect("random networks can be trained");
    let mut plans = vec![
        (lower(model, shapes, tensors, Mode::Inference), &compiled.inference),
        (lower(model, shapes, tensors, Mode::Training), &training.training),
        (lower(model, shapes, tensors, Mode::Evaluation), &training.evaluation),
    ];
    plans.extend(normalizations(model, shapes, tensors).into_iter().zip(&training.normalization));
    plans
}

#[test]
fn passes_and_slots_keep_the_numbers() {
    let mut random = Random(Generator::new(1986));
    let (mut fused, mut shared) = (0, 0);
    for graph in 0..600 {
        let text = if graph < 400 { random.spec() } else { random.image_spec() };
        let outcome = compile(&text);
        let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.diagnostics));
        let state = random.state(&compiled);
        for (before, after) in plans(&compiled) {
            let batch = random.batch(&compiled, &before, 5);
            assert_same(&text, &before, after, &state, &batch);
            fused += before.steps.len() - after.steps.len();
            shared += after.buffers.iter().filter(|buffer| matches!(buffer.location, Location::Slot(Some(_)))).count()
                - after.slots().len();
        }
    }
    assert!(
        fused > 1_000 && shared > 5_000,
        "{fused} steps gone, {shared} buffers in slots of others: too few to tell"
    );
}
