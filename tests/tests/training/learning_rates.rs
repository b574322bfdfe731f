//! Learning rates of values, and freezing at run time.

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State, Stepper, Targets};
use nn_compiler::{Compiled, compile};
use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;

use super::updates::bits;

macro_rules! networks {
    ($($name:ident { $($settings:tt)* } $(freeze $frozen:ident)?;)*) => {$(
        network! {
            network $name {
                input x: [3];
                trunk = x -> dense(5) -> layer_norm -> tanh;
                output y = trunk -> dense(2, l2: 0.1);
                train { loss: mse; batch: 4; $($settings)* }
                $(freeze $frozen;)?
            }
        }
    )*};
}

networks! {
    Fused { optimizer: sgd(lr: 0.1, momentum: 0.9, nesterov: true); lr: [trunk * 0.5, y * 2]; };
    Stored { optimizer: sgd(lr: 0.1, momentum: 0.9, nesterov: true); lr: [trunk * 0.5, y * 2]; clip_norm: 1e30; };
    Halved {
        optimizer: adamw(lr: 0.01, eps: 1e-4, weight_decay: 0.1);
        lr: [trunk * 0.5, y * 0]; schedule: cosine(warmup: 2); clip_norm: 0.05;
    };
    Twin {
        optimizer: adamw(lr: 0.01, eps: 1e-4, weight_decay: 0.1);
        lr: trunk * 0.5; schedule: cosine(warmup: 2); clip_norm: 0.05;
    } freeze y;
}

network! {
    network Line {
        input x: [1];
        output y = x -> dense(1, bias: false, init: zeros);
        train { loss: mse; optimizer: adam(lr: 0.1); lr: y * 0; batch: 1; }
    }
}

const INPUTS: [[f32; 3]; 4] = [[1.0, -0.5, 0.25], [0.0, 1.0, -1.0], [-0.75, 0.5, 2.0], [0.5, 0.5, -0.5]];
const TARGETS: [[f32; 2]; 4] = [[1.0, 0.0], [0.5, -1.0], [0.0, 2.0], [-1.0, 0.25]];
const LENGTH: Length = Length { epochs: 5, epoch_steps: 2 };

fn matrix<const N: usize>(rows: &[[f32; N]]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), N), |(row, column)| f64::from(rows[row][column]))
}

fn state_of<N: Network>(network: &N, compiled: &Compiled) -> State {
    let mut state = State::new(&compiled.tensors);
    for (name, _, values) in network.parameters() {
        let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        assert!(state.set(&compiled.tensors, name, &values), "{name}");
    }
    state
}

/// The values of a network's tensors by name.
fn tensors<N: Network>(network: &N) -> Vec<(&'static str, Vec<f32>)> {
    network.parameters().map(|(name, _, values)| (name, values.to_vec())).collect()
}

/// Before some steps, other factors are set, of which one is 0: parameters are those of the oracle
/// after each.
fn is_the_oracle<N: Trainable<Input = [f32; 3], Target = [f32; 2]>>() {
    let compiled = compile(N::SPEC).compiled.expect("the spec is sound");
    let train = compiled.model.train.as_ref().expect("it is trained");
    let batch = Batch {
        inputs: vec![matrix(&INPUTS)],
        targets: vec![Targets::Numbers(matrix(&TARGETS))],
        row_weights: None,
        masks: Vec::new(),
    };
    let mut trainer = Trainer::<N>::new(5);
    trainer.set_length(LENGTH).unwrap();
    let mut state = state_of(trainer.network(), &compiled);
    let mut stepper = Stepper::new(train.optimizer, &state).with_rates(&train.rates);
    let factors =
        [None, None, Some(("trunk", 0, 0.0)), None, Some(("y", 1, 0.25)), None, Some(("trunk", 0, 1.5)), None];
    for (step, factor) in factors.into_iter().enumerate() {
        if let Some((name, index, factor)) = factor {
            trainer.set_learning_rate_factor(name, factor).unwrap();
            stepper.set_factor(index, f64::from(factor));
        }
        let rate = interp::learning_rate(train, step, LENGTH.epochs as usize, LENGTH.epoch_steps as usize);
        stepper.set_learning_rate(rate);
        let before = tensors(trainer.network());
        let loss = interp::step(&compiled, &mut stepper, &mut state, &batch);
        let found = trainer.step(&INPUTS, &TARGETS).unwrap();
        assert!((f64::from(found) - loss).abs() <= 1e-5, "step {step}: {found}, not {loss}");
        let frozen = |name: &str| {
            let value = name.split('.').next().expect("a tensor has a name");
            trainer.learning_rate_factor(value) == Some(0.0)
        };
        for ((name, values), (_, before)) in tensors(trainer.network()).iter().zip(&before) {
            if rate > 0.0 {
                assert_eq!(values == before, frozen(name), "step {step}: {name}");
            }
            let index = compiled.tensors.all.iter().position(|tensor| tensor.name == *name).expect("the same names");
            for (a, b) in values.iter().zip(&state.tensors[index]) {
                let error = (f64::from(*a) - b).abs();
                assert!(error <= 1e-5 * (1.0 + b.abs()), "step {step}, {name}: {a}, not {b}");
            }
        }
    }
}

#[test]
fn steps_are_those_of_the_oracle() {
    is_the_oracle::<Fused>();
    is_the_oracle::<Stored>();
    is_the_oracle::<Halved>();
}

#[test]
fn fused_and_stored_updates_have_the_same_bits() {
    let (mut fused, mut stored) = (Trainer::<Fused>::new(3), Trainer::<Stored>::new(3));
    for step in 0..6 {
        if let Some(factor) = [None, None, Some(0.0), None, Some(3.0), None][step] {
            fused.set_learning_rate_factor("y", factor).unwrap();
            stored.set_learning_rate_factor("y", factor).unwrap();
        }
        let loss = fused.step(&INPUTS, &TARGETS).unwrap();
        assert_eq!(stored.step(&INPUTS, &TARGETS).unwrap().to_bits(), loss.to_bits());
        assert_eq!(bits(fused.network()), bits(stored.network()), "step {step}");
    }
}

/// The norm is that of the trunk's gradients alone, and nothing else of the frozen layer has an
/// effect on them.
#[test]
fn a_factor_of_0_is_a_freeze() {
    let (mut zero, mut twin) = (Trainer::<Halved>::new(8), Trainer::<Twin>::new(8));
    zero.set_length(LENGTH).unwrap();
    twin.set_length(LENGTH).unwrap();
    for _ in 0..6 {
        zero.step(&INPUTS, &TARGETS).unwrap();
        twin.step(&INPUTS, &TARGETS).unwrap();
    }
    assert_eq!(tensors(zero.network()), tensors(twin.network()));
    assert_ne!(tensors(zero.network()), tensors(&*Halved::init(8)));
}

/// Adam's first step has the length of the learning rate, whenever it is taken.
#[test]
fn the_first_step_after_unfreezing_is_a_first_step() {
    let mut trainer = Trainer::<Line>::new(1);
    for _ in 0..10 {
        trainer.step(&[[1.0]], &[[3.0]]).unwrap();
    }
    let weight = |trainer: &Trainer<Line>| tensors(trainer.network())[0].1[0];
    assert_eq!(weight(&trainer), 0.0);
    trainer.set_learning_rate_factor("y", 0.5).unwrap();
    trainer.step(&[[1.0]], &[[3.0]]).unwrap();
    assert!((weight(&trainer) - 0.05).abs() < 1e-7, "{}", weight(&trainer));
}

#[test]
fn a_checkpoint_keeps_factors_and_steps() {
    let mut trainer = Trainer::<Halved>::new(2);
    trainer.set_length(LENGTH).unwrap();
    trainer.step(&INPUTS, &TARGETS).unwrap();
    trainer.set_learning_rate_factor("y", 0.75).unwrap();
    trainer.step(&INPUTS, &TARGETS).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("halved.ckpt");
    trainer.save(&path).unwrap();
    let mut resumed = Trainer::<Halved>::load(&path).unwrap();
    assert_eq!(resumed.learning_rate_factor("y"), Some(0.75));
    for _ in 0..3 {
        let loss = trainer.step(&INPUTS, &TARGETS).unwrap();
        assert_eq!(resumed.step(&INPUTS, &TARGETS).unwrap().to_bits(), loss.to_bits());
    }
    assert_eq!(bits(trainer.network()), bits(resumed.network()));
    // A new trainer of the same network starts from the spec's factors.
    assert_eq!(Trainer::<Halved>::from_network(trainer.network(), 1).learning_rate_factor("y"), Some(0.0));
}

#[test]
fn only_values_that_the_spec_names_have_a_factor() {
    let mut trainer = Trainer::<Fused>::new(1);
    assert_eq!(trainer.learning_rate_factor("trunk"), Some(0.5));
    assert_eq!(trainer.learning_rate_factor("x"), None);
    let error = trainer.set_learning_rate_factor("head", 1.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Fused has no learning rate of its own for this value, but for `trunk`, `y`; name it in the spec's `train`, as \
         in `lr: trunk * 1;`"
    );
    let error = trainer.set_learning_rate_factor("trunk", -1.0).unwrap_err();
    assert_eq!(error.to_string(), "the factor of a learning rate is -1, but must be a finite number of 0 or more");
    assert!(trainer.set_learning_rate_factor("trunk", f32::NAN).is_err());
    assert_eq!(trainer.learning_rate_factor("trunk"), Some(0.5));
}
