//! Targets that a loss does not take: errors where rows are checked, before anything is computed
//! from them.

use nn_runtime::error::{Error, Set};
use nn_runtime::prelude::*;
use nn_runtime::targets::{BadTarget, Taken, TargetRange};

network! {
    network Two {
        input x: [1];
        output size = x -> dense(1);
        output marks = x -> dense(1) -> relu;
        output won = x -> dense(2) -> sigmoid;
        train { loss: mse(size) + mse(won) + binary_cross_entropy(won); optimizer: sgd(lr: 0.1); batch: 4; }
    }
}

network! {
    network Gate {
        input x: [1];
        output y = x -> dense(1) -> step;
        train { rule: perceptron(lr: 0.1); }
    }
}

type Row = ([f32; 1], [f32; 2]);

const GOOD: Row = ([-17.0], [0.0, 0.5]);

fn bad(value: f32) -> Row {
    ([255.0], [1.0, value])
}

fn found(value: f32) -> BadTarget {
    let taken = Taken { output: "won", loss: "binary_cross_entropy", range: TargetRange::Share };
    BadTarget { taken, position: 1, value }
}

#[test]
fn a_step_names_the_row_and_the_number() {
    let mut trainer = Trainer::<Two>::new(1);
    trainer.step(&[[0.0]; 2], &[GOOD, bad(1.0)]).expect("numbers from 0 to 1");
    let before = trainer.network().clone();
    for value in [255.0, -1.0, 1.5] {
        let error = trainer.step(&[[0.0]; 3], &[GOOD, GOOD, bad(value)]).expect_err("no share");
        let Error::BadTarget { set: Set::Batch, row: 2, target } = error else { panic!("{error}") };
        assert_eq!(target, found(value));
    }
    let error = trainer.step(&[[0.0]], &[bad(255.0)]).expect_err("no share");
    assert_eq!(
        error.to_string(),
        "target row 0 of the batch: number 1 of `won` is 255, but `binary_cross_entropy` takes numbers from 0 to 1"
    );
    assert_eq!(trainer.steps(), 1);
    assert!(before.parameters().eq(trainer.network().parameters()), "an error changes nothing");
}

#[test]
fn training_and_evaluation_name_the_set() {
    let mut trainer = Trainer::<Two>::new(1);
    let (inputs, good, wrong) = ([[0.0], [1.0]], [GOOD, GOOD], [GOOD, bad(2.0)]);
    let (good, wrong) = (Examples::new(&inputs, &good), Examples::new(&inputs, &wrong));
    let error = trainer.evaluate(&wrong).expect_err("no share");
    let Error::BadTarget { set: Set::Evaluation, row: 1, .. } = error else { panic!("{error}") };
    let options = FitOptions::from_spec::<Two>();
    let error = trainer.fit(&good, &wrong, &options, &mut ()).expect_err("no share");
    let Error::BadTarget { set: Set::Validation, row: 1, .. } = error else { panic!("{error}") };
    let error = trainer.network().loss(wrong.inputs, wrong.targets).expect_err("no share");
    let Error::BadTarget { set: Set::Batch, row: 1, .. } = error else { panic!("{error}") };
    assert_eq!(trainer.steps(), 0);
}

#[test]
fn the_perceptron_rule_takes_0_or_1() {
    let mut trainer = Trainer::<Gate>::new(1);
    trainer.step(&[[0.0]], &[[1.0]]).expect("1 is yes");
    for value in [-1.0, 0.5, 2.0] {
        let error = trainer.step(&[[0.0]], &[[value]]).expect_err("neither 0 nor 1");
        let words = format!("target row 0 of the batch: number 0 of `y` is {value}, but `perceptron` takes 0 or 1");
        assert_eq!(error.to_string(), words);
    }
}
