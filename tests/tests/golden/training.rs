//! Golden numbers: gradients that are clipped, and the learning rate of every step.

use std::ops::ControlFlow;

use nn_compiler::compile;
use nn_compiler::interp;
use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;
use nn_tests::golden::{Golden, assert_close};

nn_tests::golden!(clip_norm, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l2(0.05); clip_norm: 0.75; }, adam, THREE);

/// A rate is computed in f64 and rounded once.
const ROUNDED: f64 = 1e-7;

/// Collects the rate of each step, and of each epoch as it is reported.
#[derive(Default)]
struct Rates {
    steps: Vec<f64>,
    epochs: Vec<f64>,
}

impl Observer for Rates {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        self.steps.push(report.learning_rate.into());
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, report: &EpochReport) -> ControlFlow<()> {
        self.epochs.push(report.learning_rate.into());
        ControlFlow::Continue(())
    }
}

fn assert_rates(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (step, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance * expected.abs(), "{what}, step {step}: {found}, not {expected}");
    }
}

/// Holds a network with batches of one row against a case of the file: `fit`, steps by hand, and
/// the oracle.
fn check<N: Trainable<Input = [f32; 1], Target = [f32; 1]>>(schedule: &str, case: &Golden) {
    assert_eq!(schedule.replace(' ', ""), case.get("schedule").text().replace(' ', ""));
    let [epochs, epoch_steps] = ["epochs", "epoch_steps"].map(|key| case.get(key).number() as usize);
    let expected = case.get("rates").numbers();
    assert_close("the rate of the spec", &[f64::from(N::LEARNING_RATE)], &[case.get("lr").number()], ROUNDED);

    let rows = vec![[0.5]; epoch_steps];
    let (examples, mut rates) = (Examples::new(&rows, &rows), Rates::default());
    let mut trainer = Trainer::<N>::new(1);
    trainer.fit(&examples, &Examples::none(), &FitOptions::from_spec::<N>(), &mut rates).unwrap();
    assert_eq!(trainer.epochs() as usize, epochs);
    assert_rates("fit", &rates.steps, &expected, ROUNDED);
    let last_of_epochs: Vec<f64> = rates.steps.chunks(epoch_steps).map(|epoch| epoch[epoch_steps - 1]).collect();
    assert_eq!(rates.epochs, last_of_epochs);

    let mut trainer = Trainer::<N>::new(1);
    trainer.set_length(Length { epochs: epochs as u64, epoch_steps: epoch_steps as u64 }).unwrap();
    let by_hand: Vec<f64> = (0..epochs * epoch_steps)
        .map(|_| {
            let rate = trainer.learning_rate();
            trainer.step(&rows[..1], &rows[..1]).unwrap();
            rate.into()
        })
        .collect();
    assert_eq!(by_hand, rates.steps);

    let compiled = compile(N::SPEC).compiled.expect("the spec is sound");
    let train = compiled.model.train.as_ref().expect("it is trained");
    let oracle: Vec<f64> =
        (0..epochs * epoch_steps).map(|step| interp::learning_rate(train, step, epochs, epoch_steps)).collect();
    assert_rates("the oracle", &oracle, &expected, 1e-12);
}

macro_rules! schedules {
    ($($index:literal $name:ident ($($schedule:tt)+) lr: $lr:literal, epochs: $epochs:literal;)+) => {
        $(mod $name {
            use nn_runtime::prelude::*;

            network! {
                pub network Net {
                    input x: [1];
                    output y = x -> dense(1);
                    train {
                        loss: mse; optimizer: sgd(lr: $lr); batch: 1; epochs: $epochs;
                        schedule: $($schedule)+;
                    }
                }
            }
        })+

        #[test]
        fn golden_schedules() {
            let cases = Golden::read("schedules.json").get("cases").items();
            assert_eq!(cases.len(), [$($index),+].len());
            $(check::<$name::Net>(stringify!($($schedule)+), &cases[$index]);)+
        }
    };
}

schedules! {
    0 constant (constant) lr: 0.125, epochs: 3;
    1 step_by_two (step(every: 2, factor: 0.5)) lr: 0.125, epochs: 7;
    2 step_by_three (step(every: 3, factor: 0.1)) lr: 0.5, epochs: 10;
    3 exponential (exponential(rate: 0.9)) lr: 0.5, epochs: 8;
    4 linear (linear(to: 0.0625, over: 4)) lr: 0.5, epochs: 6;
    5 linear_to_zero (linear(to: 0.0, over: 5)) lr: 0.25, epochs: 5;
    6 cosine (cosine) lr: 0.5, epochs: 4;
    7 cosine_with_warmup (cosine(warmup: 6)) lr: 0.5, epochs: 5;
    8 one_cycle (one_cycle(max_lr: 0.5)) lr: 0.125, epochs: 5;
    9 one_cycle_in_an_epoch (one_cycle(max_lr: 0.1)) lr: 0.01, epochs: 1;
    10 one_cycle_of_two_steps (one_cycle(max_lr: 0.1)) lr: 0.01, epochs: 1;
}
