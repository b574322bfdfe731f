//! Numbers that are not tokens: errors where rows are checked, NaN where they are predicted.

use nn_runtime::error::{Error, Set};
use nn_runtime::generated::layers::embedding::BadToken;
use nn_runtime::prelude::*;

network! {
    network Words {
        input words: [3];
        input weights: [2];
        a = words -> embedding(5, 4) -> global_avg_pool;
        output y = concat(a, weights) -> dense(2) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1); batch: 4; }
    }
}

network! {
    /// Without an embedding, any number is as good as any other.
    network Plain {
        input x: [1];
        output y = x -> dense(1);
    }
}

const GOOD: ([f32; 3], [f32; 2]) = ([0.0, 4.0, 2.0], [0.5, -7.0]);

fn bad(value: f32) -> ([f32; 3], [f32; 2]) {
    ([1.0, value, 2.0], [0.5, -7.0])
}

fn token(value: f32) -> BadToken {
    BadToken { input: "words", position: 1, value, vocabulary: 5 }
}

#[test]
fn a_step_names_the_row_and_the_place() {
    let mut trainer = Trainer::<Words>::new(1);
    trainer.step(&[GOOD, GOOD], &[0, 1]).expect("tokens from 0 to 4");
    for value in [5.0, -1.0, 2.5] {
        let error = trainer.step(&[GOOD, bad(value)], &[0, 1]).expect_err("there is no such token");
        let Error::BadToken { set: Set::Batch, row: 1, token: found } = error else { panic!("{error}") };
        assert_eq!(found, token(value));
    }
    let error = trainer.step(&[bad(5.0)], &[0]).expect_err("there is no such token");
    assert_eq!(
        error.to_string(),
        "input row 0 of the batch: number 1 of `words` is 5, but tokens are integers from 0 to 4"
    );
    assert_eq!(trainer.steps(), 1);
}

#[test]
fn training_and_evaluation_name_the_set() {
    let mut trainer = Trainer::<Words>::new(1);
    let (good, wrong) = ([GOOD, GOOD], [GOOD, bad(9.0)]);
    let error = trainer.evaluate(&Examples::new(&wrong, &[0, 1])).expect_err("there is no such token");
    let Error::BadToken { set: Set::Evaluation, row: 1, .. } = error else { panic!("{error}") };
    let (good, wrong) = (Examples::new(&good, &[0, 1]), Examples::new(&wrong, &[0, 1]));
    let error =
        trainer.fit(&good, &wrong, &FitOptions::from_spec::<Words>(), &mut ()).expect_err("there is no such token");
    let Error::BadToken { set: Set::Validation, row: 1, .. } = error else { panic!("{error}") };
    assert_eq!(trainer.steps(), 0);
}

#[test]
fn a_prediction_of_no_token_is_not_a_number() {
    let network = Words::init(1);
    assert!(network.predict(&GOOD).iter().all(|share| share.is_finite()));
    assert!(network.predict(&bad(5.0)).iter().all(|share| share.is_nan()));
    assert_eq!(Words::bad_token(&GOOD), None);
    assert_eq!(Words::bad_token(&bad(-0.5)), Some(token(-0.5)));
    assert_eq!(Plain::bad_token(&[f32::MAX]), None);
}
