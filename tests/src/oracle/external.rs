//! A pass whose loss is the caller's, by generated code and by the oracle.

use ndarray::Array2;
use nn_compiler::compile;
use nn_compiler::interp::{self, Batch};
use nn_runtime::init::Generator;
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

use super::{ONE_PASS, SEED, Values, assert_close, compare_tensors, masks, matrices, state_of, tokens};

/// Outputs in training mode, and gradients by parameters and inputs of Σ c·y with random numbers c: these are as many
/// times as large as those of a mean as there are rows. A network of many layers errs as much as several passes.
pub fn check_external<N>(rows: usize, passes: f64)
where
    N: Trainable<Input: Values, Output: Values>,
{
    let compiled = &compile(N::SPEC).compiled.expect("the spec is sound");
    let tokens = tokens(&compiled.model);
    let generator = &mut Generator::new(rows as u64);
    let inputs: &Vec<N::Input> = &(0..rows).map(|_| Values::draw(generator, &tokens)).collect();
    let mut trainer = Trainer::<N>::new(SEED);
    trainer.fit_normalization(inputs);
    let plan = &compiled.training.as_ref().expect("it is trained").external;
    let masks = masks::<N>(plan, rows, SEED, 1);
    let batch = Batch { inputs: matrices(inputs), targets: Vec::new(), row_weights: None, masks };
    let for_outputs = ONE_PASS * passes;
    let tolerance = for_outputs * rows as f64;
    let given: Vec<N::Output> = (0..rows).map(|_| Values::draw(generator, &[None; 8])).collect();
    let mut state = state_of(trainer.network(), compiled);
    let oracle = interp::run_external(plan, &mut state, &batch, &|_| matrices(&given));
    let outputs = matrices(trainer.forward(inputs).expect("the batch is sound"));
    for (ours, expected) in outputs.iter().zip(&oracle.outputs) {
        let ours: Vec<f32> = ours.iter().map(|number| *number as f32).collect();
        assert_close("trained output", rows, for_outputs, &ours, expected);
    }
    compare_tensors(trainer.network(), compiled, &state, rows);

    let (mut of_inputs, mut alone) = (vec![N::Input::zeroed(); rows], vec![N::Input::zeroed(); rows]);
    trainer.boxed().backward_inputs(&given, &mut alone).expect("the gradients are sound");
    trainer.backward(&given, Some(&mut of_inputs)).expect("the gradients are sound");
    for (name, _, ours) in trainer.gradients().expect("there are gradients") {
        let index = compiled.tensors.all.iter().position(|tensor| tensor.name == name).expect("the names are the same");
        assert_close(&format!("d{name}"), rows, tolerance, ours, &oracle.gradients[index]);
    }
    for (ours, expected) in matrices(&of_inputs).into_iter().zip(oracle.input_gradients) {
        let expected = expected.unwrap_or(Array2::zeros(ours.dim()));
        let ours: Vec<f32> = ours.iter().map(|number| *number as f32).collect();
        assert_close("dinput", rows, tolerance, &ours, &expected);
    }
    let of_rows = |rows: &[N::Input]| rows.iter().flat_map(|row| row.parts().concat()).map(f32::to_bits).collect();
    let bits: [Vec<u32>; 2] = [of_rows(&of_inputs), of_rows(&alone)];
    assert_eq!(bits[0], bits[1], "input gradients alone");

    let gradients = |trainer: &Trainer<N>| -> Vec<u32> {
        let gradients = trainer.gradients().expect("there are gradients");
        gradients.flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits())).collect()
    };
    let before = gradients(&trainer);
    trainer.forward(inputs).expect("the batch is sound");
    trainer.backward_inputs(&given, &mut alone).expect("the gradients are sound");
    assert_eq!(gradients(&trainer), before, "input gradients alone leave those of parameters");
}
