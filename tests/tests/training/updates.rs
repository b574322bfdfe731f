//! What happens between gradients and weights: several batches to an update, a limit of the norm,
//! schedules. A checkpoint continues in the middle of all of them.

use std::ops::ControlFlow;

use ndarray::Array2;
use nn_compiler::interp::{self, Batch, State, Stepper, Targets};
use nn_compiler::{Compiled, compile};
use nn_runtime::error::Set;
use nn_runtime::init::Generator;
use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;

network! {
    pub(super) network FourOfEight {
        input x: [5];
        output y = x -> dense(9) -> tanh -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.01); regularizer: l2(0.001); batch: 8; accumulate: 4; }
    }
}

network! {
    pub(super) network OneOfThirtyTwo {
        input x: [5];
        output y = x -> dense(9) -> tanh -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.01); regularizer: l2(0.001); batch: 32; }
    }
}

network! {
    /// Each batch has a mean and a variance of its own.
    pub(super) network Normed {
        input x: [5];
        output y = x -> dense(9, bias: false) -> batch_norm -> relu -> dense(3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.5, momentum: 0.9); metrics: [accuracy];
            batch: 8; accumulate: 3; clip_norm: 0.25; epochs: 4;
            schedule: cosine(warmup: 3);
        }
    }
}

network! {
    network Halting {
        input x: [5];
        output y = x -> dense(9, bias: false) -> batch_norm -> relu -> dropout(0.25) -> dense(3) -> softmax;
        train {
            loss: cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy];
            batch: 8; accumulate: 2; clip_norm: 0.5; epochs: 12;
            schedule: one_cycle(max_lr: 0.1); early_stopping(monitor: val_loss, patience: 4);
        }
    }
}

network! {
    network Steep {
        input x: [1];
        output y = x -> dense(1, init: constant(1e-37));
        train { loss: mse; optimizer: sgd(lr: 0.01); batch: 1; clip_norm: 1.0; }
    }
}

/// Rows whose class depends on them.
pub(super) fn rows(count: usize, seed: u64) -> (Vec<[f32; 5]>, Vec<usize>) {
    let mut generator = Generator::new(seed);
    let inputs: Vec<[f32; 5]> =
        (0..count).map(|_| std::array::from_fn(|_| generator.normal_pair()[0] as f32)).collect();
    let class = |x: &[f32; 5]| if x[0] + x[1] > 0.5 { 2 } else { usize::from(x[2] > 0.0) };
    let classes = inputs.iter().map(class).collect();
    (inputs, classes)
}

/// All bits of a network.
pub(super) fn bits<N: Network>(network: &N) -> Vec<u32> {
    let tensors = network.parameters().chain(network.statistics());
    tensors.flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits())).collect()
}

fn fitted<N: Trainable<Input = [f32; 5], Target = usize>>(count: usize) -> Box<Trainer<N>> {
    let (inputs, targets) = rows(count, 1);
    let mut trainer = Trainer::<N>::new(3);
    let options = FitOptions::from_spec::<N>().epochs(4);
    trainer.fit(&Examples::new(&inputs, &targets), &Examples::none(), &options, &mut ()).unwrap();
    trainer
}

/// 75 rows: two updates of four batches, and one of two, the last of which has three rows. Every
/// sum runs along the rows, whatever they are cut into.
#[test]
fn batches_add_up_to_the_bits_of_one() {
    let (added, whole) = (fitted::<FourOfEight>(75), fitted::<OneOfThirtyTwo>(75));
    assert_eq!((added.steps(), whole.steps()), (12, 12));
    assert_eq!(bits(added.network()), bits(whole.network()));
}

fn matrix(inputs: &[[f32; 5]]) -> Array2<f64> {
    Array2::from_shape_fn((inputs.len(), 5), |(row, column)| f64::from(inputs[row][column]))
}

fn state_of<N: Network>(network: &N, compiled: &Compiled) -> State {
    let mut state = State::new(&compiled.tensors);
    for (name, _, values) in network.parameters().chain(network.statistics()) {
        let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        assert!(state.set(&compiled.tensors, name, &values), "{name}");
    }
    state
}

/// Batch norm sees each batch by itself, gradients are averaged over all rows and clipped together,
/// and the step is as long as the schedule says.
#[test]
fn an_update_is_that_of_the_oracle() {
    let compiled = compile(Normed::SPEC).compiled.expect("the spec is sound");
    let train = compiled.model.train.as_ref().expect("it is trained");
    let endless =
        compile(&Normed::SPEC.replace("clip_norm: 0.25", "clip_norm: 1e30")).compiled.expect("the spec is sound");
    let (epochs, epoch_steps) = (2, 3);
    let mut trainer = Trainer::<Normed>::new(5);
    trainer.set_length(Length { epochs: epochs as u64, epoch_steps: epoch_steps as u64 }).unwrap();
    let mut state = state_of(trainer.network(), &compiled);
    let mut stepper = Stepper::new(train.optimizer, &state);
    let mut clipped = 0;
    for (step, count) in [24, 21, 8, 24, 13, 2].into_iter().enumerate() {
        let (inputs, targets) = rows(count, 10 + step as u64);
        let batch = Batch {
            inputs: vec![matrix(&inputs)],
            targets: vec![Targets::Classes(targets.clone())],
            row_weights: None,
            masks: Vec::new(),
        };
        stepper.set_learning_rate(interp::learning_rate(train, step, epochs, epoch_steps));
        let mut unclipped = state.clone();
        interp::step(&endless, &mut stepper.clone(), &mut unclipped, &batch);
        let loss = interp::step(&compiled, &mut stepper, &mut state, &batch);
        clipped += usize::from(unclipped != state);
        let found = trainer.step(&inputs, &targets).unwrap();
        assert!((f64::from(found) - loss).abs() <= 1e-5, "step {step}: {found}, not {loss}");
        for (name, _, values) in trainer.network().parameters().chain(trainer.network().statistics()) {
            let index = compiled.tensors.all.iter().position(|tensor| tensor.name == name).expect("the same names");
            for (a, b) in values.iter().zip(&state.tensors[index]) {
                let error = (f64::from(*a) - b).abs();
                assert!(error <= 1e-5 * (1.0 + b.abs()), "step {step}, {name}: {a}, not {b}");
            }
        }
    }
    assert!(clipped > 1, "the limit is never reached");
}

/// Stops after a number of steps.
struct StopAt(u64);

impl Observer for StopAt {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_checkpoint_goes_on_along_the_schedule() {
    let (inputs, targets) = rows(57, 1);
    let train = Examples::new(&inputs, &targets);
    let options = FitOptions::from_spec::<Halting>().early_stopping(None).keep_best(false);
    let mut straight = Trainer::<Halting>::new(9);
    let history = straight.fit(&train, &Examples::none(), &options, &mut ()).unwrap();
    assert_eq!((straight.steps(), history.epochs.len()), (48, 12));
    assert_eq!((history.rows_left_out, Halting::rows_left_out(57), Halting::rows_left_out(58)), (1, 1, 0));
    assert_eq!((FourOfEight::rows_left_out(57), Normed::rows_left_out(8)), (0, 0));

    // 57 rows are four steps of 16 or less: the last row would be a batch by itself, too few for
    // batch norm.
    let mut stopped = Trainer::<Halting>::new(9);
    stopped.fit(&train, &Examples::none(), &options, &mut StopAt(14)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stopped.ckpt");
    stopped.save(&path).unwrap();
    let mut resumed = Trainer::<Halting>::load(&path).unwrap();
    assert_eq!(resumed.learning_rate().to_bits(), stopped.learning_rate().to_bits());
    let rest = options.clone().epochs(9);
    let second = resumed.fit(&train, &Examples::none(), &rest, &mut ()).unwrap();
    assert_eq!(bits(straight.network()), bits(resumed.network()));
    assert_eq!(history.epochs[3..], second.epochs[..]);

    // In calls of their own, where the first says how many there will be.
    let mut slices = Trainer::<Halting>::new(9);
    let first = options.clone().epochs(5).schedule_epochs(12);
    slices.fit(&train, &Examples::none(), &first, &mut ()).unwrap();
    slices.fit(&train, &Examples::none(), &options.epochs(7), &mut ()).unwrap();
    assert_eq!(bits(straight.network()), bits(slices.network()));
}

#[test]
fn early_stopping_ends_a_schedule_where_it_stands() {
    let ((inputs, targets), (held_back, answers)) = (rows(40, 1), rows(40, 2));
    // Nothing is to be learned of answers that belong to other rows.
    let validation = Examples::new(&held_back, &targets);
    assert_ne!(targets, answers);
    let mut trainer = Trainer::<Halting>::new(2);
    let options = FitOptions::from_spec::<Halting>();
    let history = trainer.fit(&Examples::new(&inputs, &targets), &validation, &options, &mut ()).unwrap();
    assert_eq!(history.stopped, Stopped::EarlyStopping);
    let best = history.best_epoch.unwrap();
    assert_eq!(history.epochs.len() as u64, best + 4);
    // 40 rows are three steps; the rate is still that of 36 steps.
    let last = history.epochs.last().unwrap();
    let length = Length { epochs: 12, epoch_steps: 3 };
    assert_eq!(last.learning_rate, Halting::SCHEDULE.learning_rate(Halting::LEARNING_RATE, 3 * last.epoch - 1, length));
}

#[test]
fn a_step_by_hand_wants_the_length_of_a_schedule() {
    let (inputs, targets) = rows(40, 1);
    let mut trainer = Trainer::<Normed>::new(1);
    let before = bits(trainer.network());
    let error = trainer.step(&inputs[..8], &targets[..8]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the learning rate follows `cosine`, which needs the length of the training: call `set_length` before \
         the first step"
    );
    let error = trainer.set_length(Length { epochs: 3, epoch_steps: 1 }).unwrap_err();
    assert!(matches!(error, Error::WarmupTooLong { warmup: 3, steps: 3 }), "{error}");
    let options = FitOptions::from_spec::<Normed>().epochs(1);
    let error = trainer.fit(&Examples::new(&inputs, &targets), &Examples::none(), &options, &mut ()).unwrap_err();
    assert!(matches!(error, Error::WarmupTooLong { warmup: 3, steps: 2 }), "{error}");
    assert_eq!((trainer.steps(), bits(trainer.network())), (0, before));

    trainer.set_length(Length { epochs: 2, epoch_steps: 5 }).unwrap();
    trainer.set_learning_rate(0.25);
    trainer.step(&inputs[..24], &targets[..24]).unwrap();
    // The second of three steps of warm-up.
    assert_eq!(trainer.learning_rate(), 0.25_f32 / 3.0);
}

#[test]
fn a_step_takes_so_many_batches_and_no_more() {
    let (inputs, targets) = rows(40, 1);
    let mut trainer = Trainer::<Normed>::new(1);
    trainer.set_length(Length { epochs: 1, epoch_steps: 10 }).unwrap();
    let error = trainer.step(&inputs[..25], &targets[..25]).unwrap_err();
    assert_eq!(error.to_string(), "the batch has 25 rows; the spec says `batch: 8` and `accumulate: 3`");
    let error = trainer.step(&inputs[..17], &targets[..17]).unwrap_err();
    assert!(matches!(error, Error::TooFewRows { set: Set::LastBatch, rows: 1, least: 2 }));
    assert_eq!(error.to_string(), "the last batch of the step has too few rows: 1; the network needs 2");
    trainer.step(&inputs[..18], &targets[..18]).unwrap();
    assert_eq!(trainer.steps(), 1);
}

#[test]
fn a_gradient_that_is_not_finite_is_named() {
    let mut trainer = Trainer::<Steep>::new(1);
    let before = bits(trainer.network());
    let error = trainer.step(&[[1e38]], &[[1.0]]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step 1: the gradient of y.0.weight is not finite\nwhat helps: a learning rate below 0.01; inputs near 1, by \
         `normalize` or `rescale`"
    );
    assert_eq!((trainer.steps(), bits(trainer.network())), (0, before));
    trainer.step(&[[1.0]], &[[10.0]]).unwrap();
    // The gradient is −20 of weight and bias; after clipping, the step has length 0.01.
    let moved: Vec<f32> = trainer.network().parameters().map(|(_, _, values)| values[0]).collect();
    assert!(moved.iter().all(|value| (value - 0.01 * 0.5_f32.sqrt()).abs() < 1e-8), "{moved:?}");
}
