//! The plan of a loss that the caller computes: its passes and slots keep the numbers, and its gradients by parameters and
//! by inputs are central differences.
//!
//! The loss is Σ c·(y + y²/2) over all outputs, with random numbers c for each output: dL/dy = c·(1 + y).

use ndarray::Array2;
use nn_compiler::interp::{Batch, Run, State, run_external};
use nn_compiler::lower::external;
use nn_compiler::plan::{Location, Op, Plan, needs};
use nn_compiler::{Compiled, compile};
use nn_runtime::init::Generator;
use nn_tests::differences::Seen;
use nn_tests::random::Random;

const ROWS: usize = 3;
const GRAPHS: usize = 300;

/// A network, its plan before the passes, and numbers for it.
struct Case {
    text: String,
    compiled: Compiled,
    plan: Plan,
    state: State,
    batch: Batch,
    factors: Vec<Array2<f64>>,
}

impl Case {
    fn draw(random: &mut Random, graph: usize) -> Self {
        let text = if graph * 2 < GRAPHS { random.spec() } else { random.image_spec() };
        let compiled = compile(&text).compiled.expect("random networks are sound");
        let plan = external(&compiled.model, &compiled.shapes, &compiled.tensors);
        let (state, batch) = (random.state(&compiled), random.batch(&compiled, &plan, ROWS));
        let outputs = compiled.model.outputs.iter();
        let factors = outputs.map(|output| random.normals(ROWS, compiled.shapes.of(*output).len())).collect();
        Self { text, compiled, plan, state, batch, factors }
    }

    fn run(&self, plan: &Plan, state: &State, batch: &Batch) -> (Run, State) {
        let gradients =
            |outputs: &[Array2<f64>]| self.factors.iter().zip(outputs).map(|(c, y)| c * &y.mapv(|y| 1.0 + y)).collect();
        let mut state = state.clone();
        let run = run_external(plan, &mut state, batch, &gradients);
        (run, state)
    }

    fn loss(&self, state: &State, batch: &Batch) -> f64 {
        let (run, _) = self.run(&self.plan, state, batch);
        let terms = self.factors.iter().zip(&run.outputs);
        terms.map(|(c, y)| (c * &y.mapv(|y| y + y * y / 2.0)).sum()).sum()
    }
}

#[test]
fn passes_and_slots_keep_the_numbers() {
    let mut random = Random(Generator::new(77));
    let (mut borrowed, mut shared) = (0, 0);
    for graph in 0..GRAPHS {
        let case = Case::draw(&mut random, graph);
        let plan = &case.compiled.training.as_ref().expect("it is trained").external;
        let results = |(run, state): (Run, State)| (run.outputs, run.gradients, run.input_gradients, state);
        let expected = results(case.run(&case.plan, &case.state, &case.batch));
        assert_eq!(expected, results(case.run(plan, &case.state, &case.batch)), "{}", case.text);
        borrowed += plan.buffers.iter().filter(|buffer| matches!(buffer.location, Location::Input(_))).count()
            - plan.steps.iter().filter(|step| matches!(step.op, Op::Copy(_))).count();
        let slots = plan.buffers.iter().filter(|buffer| matches!(buffer.location, Location::Slot(Some(_)))).count();
        shared += slots - plan.slots().len();
        // Every step after the forward pass serves something.
        let needs = needs(plan, &case.compiled.tensors);
        assert!(needs.iter().all(|need| need.parameters || need.inputs), "{}", case.text);
    }
    assert!(borrowed > 10 && shared > 2_000, "{borrowed} inputs borrowed, {shared} buffers in slots of others");
}

#[test]
fn gradients_are_central_differences() {
    let mut random = Random(Generator::new(1969));
    let mut seen = Seen::default();
    for graph in 0..GRAPHS {
        let case = Case::draw(&mut random, graph);
        let (run, _) = case.run(&case.plan, &case.state, &case.batch);
        for (index, tensor) in case.compiled.tensors.all.iter().enumerate().filter(|(_, tensor)| tensor.learns()) {
            for (at, _) in case.state.tensors[index].indexed_iter().step_by(3) {
                let what = format!("{}{} {at:?}", case.text, tensor.name);
                seen.compare(&what, run.gradients[index][at], |step| {
                    let mut moved = case.state.clone();
                    moved.tensors[index][at] += step;
                    case.loss(&moved, &case.batch)
                });
            }
        }
        assert_eq!(run.input_gradients.len(), case.batch.inputs.len());
        for (index, gradient) in run.input_gradients.iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            for (at, _) in gradient.indexed_iter().step_by(2) {
                seen.compare(&format!("{}input {index} {at:?}", case.text), gradient[at], |step| {
                    let mut moved = case.batch.clone();
                    moved.inputs[index][at] += step;
                    case.loss(&case.state, &moved)
                });
            }
        }
    }
    assert!(seen.compared > 5_000, "{} derivatives compared", seen.compared);
    assert!(seen.kinks * 50 < seen.compared, "{} of {} at kinks", seen.kinks, seen.compared);
}
