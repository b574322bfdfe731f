//! A step whose loss is the program's: forward, backward, update.

#![cfg(all(feature = "std", feature = "macros"))]

use nn_runtime::error::{FirstNonFinite, Part, Set};
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;

network!("../../specs/policy.nn");

network! {
    /// The loss is there for `step`.
    network Line {
        allow(dropout_last);
        input x: [2];
        output y = x -> dense(1, init: ones) -> dropout(0.5);
        train { loss: mse; optimizer: sgd(lr: 0.5, momentum: 0.5); batch: 4; seed: 1; }
    }
}

network! {
    network Scheduled {
        input token: [1];
        output y = token -> embedding(3, 2) -> flatten -> batch_norm -> dense(1, l2: 0.5);
        train { optimizer: adam(lr: 0.1); schedule: linear(to: 0, over: 2); batch: 4; }
    }
}

const INPUTS: [[f32; 2]; 3] = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];

/// All bits of a trainer that an error must leave as they are.
fn bits<N: Trainable>(trainer: &Trainer<N>) -> Vec<u32> {
    let tensors = TensorKind::ALL.into_iter().flat_map(|kind| trainer.network().values(kind));
    let state = trainer.optimizer_state().flat_map(|remembered| remembered.values);
    let gradients = trainer.gradients().into_iter().flatten().flat_map(|(_, _, values)| values);
    tensors.chain(state).chain(gradients).map(|number| number.to_bits()).collect()
}

/// The rows that a pass with these inputs keeps, by the outputs: w·x + b is not 0.
fn kept(outputs: &[[f32; 1]]) -> Vec<bool> {
    outputs.iter().map(|[y]| *y != 0.0).collect()
}

#[test]
fn a_network_without_a_loss_takes_no_step() {
    let mut trainer = Trainer::<Policy>::new(1);
    assert!(matches!(trainer.step(&[[0.0; 4]], &[]), Err(Error::NoLoss { network: "Policy" })));
    let none = Examples::new(&[[0.0; 4]], &[]);
    assert!(matches!(trainer.evaluate(&none), Err(Error::NoLoss { .. })));
    let options = FitOptions::from_spec::<Policy>();
    assert!(matches!(trainer.fit(&none, &Examples::none(), &options, &mut ()), Err(Error::NoLoss { .. })));
    assert!(matches!(trainer.compute_gradients(&[[0.0; 4]], &[]), Err(Error::NoLoss { .. })));
}

#[test]
fn a_policy_becomes_what_is_rewarded() {
    let mut trainer = Trainer::<Policy>::new(1);
    for _ in 0..20 {
        let outputs = trainer.forward(&[[0.1; 4], [0.2; 4]]).unwrap();
        assert!(outputs.iter().all(|[a, b]| (a + b - 1.0).abs() < 1e-6));
        trainer.backward(&[[-1.0, 0.0], [0.0, 0.0]], None).unwrap();
        trainer.update().unwrap();
    }
    assert!(trainer.network().predict(&[0.1; 4])[0] > 0.9);
    assert_eq!(trainer.steps(), 20);
}

#[test]
fn the_gradients_of_a_line_are_those_on_paper() {
    let mut trainer = Trainer::<Line>::new(1);
    let outputs: Vec<[f32; 1]> = trainer.forward(&INPUTS).unwrap().to_vec();
    // Kept numbers are doubled: y = 2·(x₀ + x₁).
    let doubled = kept(&outputs).into_iter().map(|kept| if kept { 2.0 } else { 0.0 });
    let expected: Vec<f32> = doubled.collect();
    for ((y, x), factor) in outputs.iter().zip(INPUTS).zip(&expected) {
        assert_eq!(y[0], factor * (x[0] + x[1]));
    }
    let mut of_inputs = [[9.0; 2]; 3];
    trainer.backward(&[[1.0], [10.0], [100.0]], Some(&mut of_inputs)).unwrap();
    let weights = [1.0, 10.0, 100.0].into_iter().zip(&expected).map(|(gradient, factor)| gradient * factor);
    let weights: Vec<f32> = weights.collect();
    assert_eq!(of_inputs, [[weights[0]; 2], [weights[1]; 2], [weights[2]; 2]]);
    let sum = |of: &dyn Fn([f32; 2]) -> f32| weights.iter().zip(INPUTS).map(|(weight, x)| weight * of(x)).sum::<f32>();
    let found: Vec<_> =
        trainer.gradients().unwrap().map(|(name, shape, values)| (name, shape, values.to_vec())).collect();
    let by_hand = [sum(&|x| x[0]), sum(&|x| x[1])];
    assert_eq!(found[0], ("y.0.weight", &[2, 1][..], by_hand.to_vec()));
    assert_eq!(found[1], ("y.0.bias", &[1][..], vec![sum(&|_| 1.0)]));
    trainer.update().unwrap();
    let state: Vec<_> = trainer.optimizer_state().map(|of| (of.slot, of.name, of.values.to_vec())).collect();
    assert_eq!(state[0], ("v", "y.0.weight", by_hand.map(|gradient| -0.5 * gradient).to_vec()));
    assert_eq!(state[1].1, "y.0.bias");
}

#[test]
fn the_passes_of_a_step_draw_other_masks_and_add_up() {
    let inputs = [[1.0, 1.0]; 4];
    let mut trainer = Trainer::<Line>::new(1);
    let passes: Vec<Vec<bool>> = (0..8).map(|_| kept(trainer.forward(&inputs).unwrap())).collect();
    assert!(passes.iter().any(|pass| *pass != passes[0]), "{passes:?}");
    let mut again = Trainer::<Line>::new(1);
    let mut sum = 0.0;
    for expected in &passes {
        assert_eq!(kept(again.forward(&inputs).unwrap()), *expected);
        again.backward(&[[1.0]; 4], None).unwrap();
        sum += 2.0 * expected.iter().filter(|kept| **kept).count() as f32;
        assert_eq!(again.gradients().unwrap().nth(1).unwrap().2, [sum]);
    }
    again.update().unwrap();
    assert!(matches!(again.gradients().map(drop), Err(Error::NoGradients)));
    // The next step starts with masks of its own.
    let next: Vec<Vec<bool>> = (0..8).map(|_| kept(again.forward(&inputs).unwrap())).collect();
    assert_ne!(next, passes);
}

#[test]
fn input_gradients_alone_leave_those_of_parameters() {
    let mut trainer = Trainer::<Line>::new(1);
    trainer.forward(&INPUTS).unwrap();
    trainer.backward(&[[1.0]; 3], None).unwrap();
    let before = bits(&trainer);
    let outputs = trainer.forward(&INPUTS).unwrap();
    let expected: Vec<[f32; 2]> =
        kept(outputs).into_iter().map(|kept| if kept { [2.0; 2] } else { [0.0; 2] }).collect();
    let mut of_inputs = [[9.0; 2]; 3];
    trainer.backward_inputs(&[[1.0]; 3], &mut of_inputs).unwrap();
    assert_eq!(of_inputs[..], expected);
    assert_eq!(bits(&trainer), before);
}

#[test]
fn what_does_not_fit_changes_nothing() {
    let mut trainer = Trainer::<Line>::new(1);
    let before = bits(&trainer);
    let none: [[f32; 2]; 0] = [];
    assert!(matches!(trainer.forward(&none), Err(Error::NoRows { set: Set::Forward })));
    assert!(matches!(trainer.forward(&[[0.0; 2]; 5]), Err(Error::TooManyHeld { rows: 5, most: 4 })));
    let row = |error| matches!(error, Err(Error::NonFiniteRow { set: Set::Forward, part: Part::Input, row: 1 }));
    assert!(row(trainer.forward(&[[0.0; 2], [f32::NAN, 0.0]]).map(drop)));
    assert!(matches!(trainer.backward(&[[1.0]; 3], None), Err(Error::NoForward)));
    assert!(matches!(trainer.update(), Err(Error::NoGradients)));
    trainer.forward(&INPUTS).unwrap();
    let error = trainer.backward(&[[1.0]; 2], None).unwrap_err();
    assert_eq!(error.to_string(), "2 rows of output gradients for a forward pass of 3 rows");
    let error = trainer.backward(&[[1.0]; 3], Some(&mut [[0.0; 2]; 4])).unwrap_err();
    assert_eq!(error.to_string(), "4 rows of input gradients for a forward pass of 3 rows");
    let error = trainer.backward(&[[1.0], [f32::INFINITY], [1.0]], None).unwrap_err();
    assert_eq!(error.to_string(), "output gradient row 1 of the backward pass holds a number that is not finite");
    assert_eq!(bits(&trainer), before);
    // The forward pass is still there, once.
    trainer.backward(&[[1.0]; 3], None).unwrap();
    assert!(matches!(trainer.backward(&[[1.0]; 3], None), Err(Error::NoForward)));
}

/// Does something to a trainer with these targets.
type Action = fn(&mut Trainer<Line>, &[[f32; 1]; 3]);

#[test]
fn what_takes_the_workspace_ends_the_forward_pass() {
    let targets = [[0.0]; 3];
    let ends: [Action; 5] = [
        |trainer, targets| assert!(trainer.step(&INPUTS, targets).is_ok()),
        |trainer, targets| assert!(trainer.evaluate(&Examples::new(&INPUTS, targets)).is_ok()),
        |trainer, targets| assert!(trainer.compute_gradients(&INPUTS, targets).is_ok()),
        |trainer, _| assert!(trainer.network_mut().non_finite().is_none()),
        |trainer, _| trainer.fit_normalization(&INPUTS),
    ];
    for end in ends {
        let mut trainer = Trainer::<Line>::new(1);
        trainer.forward(&INPUTS).unwrap();
        end(&mut trainer, &targets);
        assert!(matches!(trainer.backward(&[[1.0]; 3], None), Err(Error::NoForward)));
    }
}

#[test]
fn gradients_that_wait_are_not_lost() {
    let mut trainer = Trainer::<Line>::new(1);
    for _ in 0..2 {
        trainer.forward(&INPUTS).unwrap();
        trainer.backward(&[[1.0]; 3], None).unwrap();
    }
    let before = bits(&trainer);
    let error = trainer.step(&INPUTS, &[[0.0]; 3]).unwrap_err();
    let said = "gradients of 2 backward passes wait for `update`: call it, or `discard_gradients`, first";
    assert_eq!(error.to_string(), said);
    let examples = Examples::new(&INPUTS, &[[0.0]; 3]);
    let options = FitOptions::from_spec::<Line>();
    let error = trainer.fit(&examples, &Examples::none(), &options, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), said);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("line.safetensors");
    assert_eq!(trainer.save(&path).unwrap_err().to_string(), said);
    assert_eq!(bits(&trainer), before);
    trainer.discard_gradients();
    trainer.step(&INPUTS, &[[0.0]; 3]).unwrap();
    trainer.save(&path).unwrap();
    // A checkpoint that is loaded has no gradients.
    trainer.compute_gradients(&INPUTS, &[[0.0]; 3]).unwrap();
    trainer.resume(&path).unwrap();
    assert!(matches!(trainer.update(), Err(Error::NoGradients)));
}

#[test]
fn gradients_can_be_changed_and_brought_along() {
    let mut trainer = Trainer::<Line>::new(1);
    for (name, _, values) in trainer.gradients_mut() {
        assert!(values.iter().all(|value| *value == 0.0));
        values.fill(if name == "y.0.bias" { 4.0 } else { 1.0 });
    }
    trainer.update().unwrap();
    let after: Vec<Vec<f32>> = trainer.network().parameters().map(|(_, _, values)| values.to_vec()).collect();
    assert_eq!(after, [vec![0.5, 0.5], vec![-2.0]]);
    for remembered in trainer.optimizer_state_mut() {
        remembered.values.fill(0.0);
    }
    trainer.gradients_mut().for_each(drop);
    trainer.update().unwrap();
    let same: Vec<Vec<f32>> = trainer.network().parameters().map(|(_, _, values)| values.to_vec()).collect();
    assert_eq!(same, after);

    trainer.gradients_mut().for_each(|(_, _, values)| values[0] = f32::NAN);
    let before = bits(&trainer);
    let error = trainer.update().unwrap_err();
    assert!(matches!(error, Error::NonFiniteGradient { step: 3, parameter: "y.0.weight", .. }), "{error}");
    assert_eq!(bits(&trainer), before);
}

network! {
    network Clipped {
        input x: [1];
        middle = x -> dense(1, l2: 1e13) -> tanh;
        output y = middle -> dense(1, l2: 1e13);
        train { optimizer: sgd(lr: 0.5, momentum: 0.5); clip_norm: 1; lr: middle * 1; batch: 4; }
    }
}

network! {
    network Unclipped {
        input x: [1];
        output middle = x -> dense(1, l2: 1e13);
        train { optimizer: sgd(lr: 0.5, momentum: 0.5); batch: 4; }
    }
}

/// Weights of 10¹⁹, and the largest number as the gradient of one of them: the penalty adds 2·10³².
fn overflowing<N: Trainable>() -> Box<Trainer<N>> {
    let mut trainer = Trainer::<N>::new(1);
    trainer.network_mut().parameters_mut().for_each(|(_, _, values)| values.fill(1e19));
    trainer
        .gradients_mut()
        .filter(|(name, ..)| *name == "middle.0.weight")
        .for_each(|(_, _, values)| values.fill(f32::MAX));
    trainer
}

#[test]
fn the_gradient_of_a_penalty_that_overflows_changes_nothing() {
    fn check<N: Trainable>() {
        let mut trainer = overflowing::<N>();
        let error = trainer.update().unwrap_err();
        let parameter = "middle.0.weight";
        assert!(matches!(error, Error::NonFiniteGradient { step: 1, parameter: found, .. } if found == parameter));
        assert!(matches!(trainer.update(), Err(Error::NoGradients)));
        let mut expected = overflowing::<N>();
        expected.discard_gradients();
        assert_eq!(bits(&trainer), bits(&expected));
    }
    check::<Clipped>();
    check::<Unclipped>();
    // Where the value is frozen, its gradients do not count.
    let mut trainer = overflowing::<Clipped>();
    trainer.set_learning_rate_factor("middle", 0.0).unwrap();
    trainer.update().unwrap();
    let state: Vec<_> = trainer.optimizer_state().map(|of| (of.name, of.values[0])).collect();
    // A gradient of norm 1 by a weight alone.
    let learned = [("middle.0.weight", 0.0), ("middle.0.bias", 0.0), ("y.0.weight", -0.5), ("y.0.bias", 0.0)];
    assert_eq!(state, learned);
}

#[test]
fn outputs_that_are_not_finite_say_where_that_begins() {
    let mut trainer = Trainer::<Scheduled>::new(1);
    let tokens = [[0.0], [1.0], [2.0]];
    assert!(matches!(trainer.forward(&[[0.0], [3.0]]), Err(Error::BadToken { set: Set::Forward, row: 1, .. })));
    assert!(matches!(trainer.forward(&tokens[..1]), Err(Error::TooFewRows { set: Set::Forward, least: 2, .. })));
    // What batch norm gives is above 1 then, and twice as much times 3e38 is too large.
    for (name, _, values) in trainer.network_mut().parameters_mut() {
        match name {
            "y.1.beta" => values.fill(3.0),
            "y.2.weight" => values.fill(3e38),
            _ => {}
        }
    }
    let place = |trainer: &mut Trainer<Scheduled>| match trainer.forward(&tokens) {
        Err(Error::NonFiniteOutput { place, .. }) => Some(place),
        Err(_) | Ok(_) => None,
    };
    assert!(matches!(place(&mut trainer), Some(FirstNonFinite::Layer(name)) if name.ends_with("dense")));
    trainer.network_mut().parameters_mut().for_each(|(_, _, values)| values.fill(f32::NAN));
    assert_eq!(place(&mut trainer), Some(FirstNonFinite::Parameter("y.0.weight")));
}

#[test]
fn an_update_needs_the_length_of_its_schedule() {
    let mut trainer = Trainer::<Scheduled>::new(1);
    let tokens = [[0.0], [1.0], [2.0]];
    trainer.forward(&tokens).unwrap();
    let mut of_tokens = [[9.0]; 3];
    trainer.backward(&[[1.0]; 3], Some(&mut of_tokens)).unwrap();
    assert_eq!(of_tokens, [[0.0]; 3], "the index of a token has no gradient");
    let before = bits(&trainer);
    assert!(matches!(trainer.update(), Err(Error::NoLength { schedule: "linear" })));
    assert_eq!(bits(&trainer), before);
    trainer.set_length(nn_runtime::schedule::Length { epochs: 2, epoch_steps: 3 }).unwrap();
    trainer.update().unwrap();
    assert_ne!(bits(&trainer), before);
}
