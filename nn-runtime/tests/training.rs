//! Training as a user sees it.

#![cfg(all(feature = "std", feature = "macros"))]
#![forbid(unsafe_code)]

use std::ops::ControlFlow;

use nn_runtime::error::{FirstNonFinite, Part, Set};
use nn_runtime::history::Stopped;
use nn_runtime::memory::Zeroed;
use nn_runtime::prelude::*;

#[path = "networks/points.rs"]
mod points;

use points::points;

network! {
    network Xor {
        input x: [2];
        output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
        train {
            loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy];
            epochs: 300; seed: 0; batch: all;
        }
    }
}

network! {
    network XorInThrees {
        input x: [2];
        output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
        train {
            loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy];
            epochs: 300; seed: 0; batch: 3; accumulate: 2;
        }
    }
}

network! {
    network Classes {
        input x: [2];
        output y = x -> normalize -> dense(3, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 8; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

// It needs two rows for a mean and a variance.
network! {
    network Normed {
        input x: [2];
        output y = x -> batch_norm -> dense(3, l2: 1e-3) -> softmax;
        train {
            loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];
            epochs: 10; batch: 8; seed: 7; early_stopping(monitor: val_loss, patience: 3);
        }
    }
}

const X: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
const Y: [[f32; 1]; 4] = [[0.0], [1.0], [1.0], [0.0]];

/// All bits of a network.
fn bits<N: Network>(network: &N) -> Vec<u32> {
    network
        .parameters()
        .chain(network.statistics())
        .flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits()))
        .collect()
}

fn fit_xor<N>(seed: u64) -> (Box<N>, History)
where
    N: Trainable<Input = [f32; 2], Target = [f32; 1]>,
{
    let mut trainer = Trainer::<N>::new(seed);
    let history =
        trainer.fit(&Examples::new(&X, &Y), &Examples::none(), &FitOptions::from_spec::<N>(), &mut ()).unwrap();
    (trainer.into_network(), history)
}

#[test]
fn fit_learns_xor() {
    let (network, history) = fit_xor::<Xor>(42);
    let last = history.epochs.last().unwrap();
    assert_eq!((history.epochs.len(), last.epoch, last.epochs), (300, 300, 300));
    assert_eq!(history.stopped, Stopped::Finished);
    assert_eq!(history.best_epoch, None);
    assert!(last.train.loss < 0.1 && last.train.loss < history.epochs[0].train.loss);
    assert_eq!(last.train.get("accuracy"), Some(1.0));
    for (x, [y]) in X.iter().zip(Y) {
        assert!((network.predict(x)[0] - y).abs() < 0.2);
    }
}

#[test]
fn one_seed_gives_the_same_bits() {
    assert_eq!(bits(&*fit_xor::<Xor>(1).0), bits(&*fit_xor::<Xor>(1).0));
    assert_ne!(bits(&*Xor::init(1)), bits(&*Xor::init(2)));
}

#[test]
fn chunks_give_the_bits_of_the_whole_batch() {
    let (mut whole, mut chunked) = (Trainer::<Xor>::new(3), Trainer::<XorInThrees>::new(3));
    for _ in 0..300 {
        assert_eq!(whole.step(&X, &Y).unwrap(), chunked.step(&X, &Y).unwrap());
    }
    assert_eq!(bits(whole.network()), bits(chunked.network()));
}

#[test]
fn many_rows_have_the_bits_of_one() {
    let network = Xor::init(5);
    let mut predictor = Predictor::with_rows(Xor::init(5), 10);
    let mut scratch = Zeroed::zeroed();
    for rows in [0, 1, 2, 7, 64, 65, 130, 3000] {
        let inputs: Vec<[f32; 2]> = (0..rows).map(|row| [row as f32 / 7.0, -(row as f32).sqrt()]).collect();
        let alone: Vec<[f32; 1]> = inputs.iter().map(|x| network.predict(x)).collect();
        let mut together = vec![[0.0]; rows];
        network.predict_batch(&inputs, &mut together);
        assert_eq!(alone, together);
        predictor.predict_batch(&inputs, &mut together);
        assert_eq!(alone, together);
        for (x, y) in inputs.iter().zip(alone) {
            assert_eq!(network.predict_with(&mut scratch, x), y);
            assert_eq!(predictor.predict(x), y);
        }
    }
}

#[test]
fn a_step_is_the_gradient_and_the_update() {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    let mut network = trainer.network().clone();
    let (mut gradients, mut workspace) = Zeroed::zeroed();
    let loss = network.gradients(&inputs, &targets, 1, 1, &mut gradients, &mut workspace).unwrap();
    assert_eq!(trainer.step(&inputs, &targets).unwrap(), loss);
    let weight = |network: &Classes| network.parameters().next().unwrap().2[0];
    let expected = weight(&network) - Classes::LEARNING_RATE * gradients.as_slice()[0];
    assert!((weight(trainer.network()) - expected).abs() < 1e-6);
    assert_eq!(trainer.steps(), 1);
}

#[test]
fn an_evaluation_is_a_mean_whatever_the_number_of_rows() {
    let (inputs, targets) = points(300, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    let all = trainer.evaluate(&Examples::new(&inputs, &targets)).unwrap();
    let loss = trainer.network().loss(&inputs, &targets).unwrap();
    assert_eq!(all.loss as f32, loss);
    let each: Vec<Evaluation> = (0..300)
        .map(|row| {
            let row = Examples::new(&inputs[row..=row], &targets[row..=row]);
            trainer.evaluate(&row).unwrap()
        })
        .collect();
    let mean = |value: fn(&Evaluation) -> f64| each.iter().map(value).sum::<f64>() / 300.0;
    assert!((all.loss - mean(|row| row.loss)).abs() < 1e-6);
    let accuracy = |row: &Evaluation| row.get("accuracy").unwrap();
    assert!((accuracy(&all) - mean(accuracy)).abs() < 1e-12);
}

/// Stops after a number of steps.
struct StopAt(u64);

impl Observer for StopAt {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn a_checkpoint_goes_on_to_the_same_bits() {
    let (inputs, targets) = points(50, 2);
    let train = Examples::new(&inputs, &targets);
    let options = |epochs| FitOptions::from_spec::<Classes>().epochs(epochs).keep_best(false).early_stopping(None);
    let none = Examples::none();
    let mut straight = Trainer::<Classes>::new(9);
    let history = straight.fit(&train, &none, &options(5), &mut ()).unwrap();

    let mut stopped = Trainer::<Classes>::new(9);
    // 50 rows are 7 batches of 8 or less; step 18 is the fourth batch of epoch 3.
    let first = stopped.fit(&train, &none, &options(5), &mut StopAt(18)).unwrap();
    assert_eq!((first.stopped, first.epochs.len()), (Stopped::Observer, 2));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("classes.ckpt");
    stopped.save(&path).unwrap();
    let mut resumed = Trainer::<Classes>::load(&path).unwrap();
    assert_eq!((resumed.steps(), resumed.epochs()), (18, 2));
    let second = resumed.fit(&train, &none, &options(3), &mut ()).unwrap();

    assert_eq!(bits(straight.network()), bits(resumed.network()));
    assert_eq!(history.epochs[2..], second.epochs[..]);
    let again = folder.path().join("again.ckpt");
    straight.save(&path).unwrap();
    resumed.save(&again).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), std::fs::read(again).unwrap());
}

#[test]
fn bad_rows_are_named_and_change_nothing() {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    trainer.step(&inputs, &targets).unwrap();
    let before = bits(trainer.network());
    let mut broken = inputs.clone();
    broken[3][1] = f32::NAN;
    let mut step = |inputs: &[[f32; 2]], targets: &[usize]| {
        let error = trainer.step(inputs, targets).unwrap_err();
        assert_eq!(bits(trainer.network()), before);
        assert_eq!(trainer.steps(), 1);
        error
    };
    let set = Set::Batch;
    assert!(matches!(step(&[], &[]), Error::NoRows { set: Set::Batch }));
    assert!(matches!(step(&inputs, &targets[1..]), Error::UnequalLengths { inputs: 8, targets: 7, .. }));
    assert!(matches!(step(&[[0.0; 2]; 9], &[0; 9]), Error::TooManyRows { rows: 9, batch: 8, accumulate: 1 }));
    assert_eq!(
        step(&inputs[..3], &[0, 1, 3]).to_string(),
        "target row 2 of the batch is class 3; there are 3, counted from 0"
    );
    let Error::NonFiniteRow { set: found, part: Part::Input, row: 3 } = step(&broken, &targets) else {
        panic!("the input row was not found");
    };
    assert_eq!(found, set);
    assert_eq!(step(&broken, &targets).to_string(), "input row 3 of the batch holds a number that is not finite");
}

#[test]
fn a_row_by_itself_has_no_variance() {
    let (inputs, targets) = points(8, 1);
    let error = Trainer::<Normed>::new(1).step(&inputs[..1], &targets[..1]).unwrap_err();
    assert!(matches!(error, Error::TooFewRows { rows: 1, least: 2, .. }));
}

#[test]
fn a_target_that_is_not_finite_is_named() {
    let mut trainer = Trainer::<Xor>::new(1);
    assert!(matches!(
        trainer.step(&X, &[[0.0], [f32::INFINITY], [0.0], [0.0]]),
        Err(Error::NonFiniteRow { part: Part::Target, row: 1, .. })
    ));
}

#[test]
fn a_loss_that_is_not_finite_is_traced_to_its_place() {
    let place = |tensor: usize, value: f32| {
        let mut trainer = Trainer::<Xor>::new(1);
        trainer.step(&X, &Y).unwrap();
        let network = trainer.network_mut();
        network.parameters_mut().nth(tensor).unwrap().2.fill(value);
        let before = bits(trainer.network());
        let error = trainer.step(&X, &Y).unwrap_err();
        assert_eq!(bits(trainer.network()), before);
        match error {
            Error::NonFinite { step: 2, place, .. } => place,
            other => panic!("{other}"),
        }
    };
    assert_eq!(place(1, f32::NAN), FirstNonFinite::Parameter("y.0.bias"));
    assert_eq!(place(2, f32::INFINITY), FirstNonFinite::Parameter("y.1.weight"));
    assert_eq!(place(2, f32::MAX), FirstNonFinite::Layer("y.1 dense"));
}

/// Points near 0, and the same with a row that overflows behind `normalize`.
fn with_a_row_that_overflows() -> (Vec<[f32; 2]>, Vec<[f32; 2]>, Vec<usize>) {
    let (mut inputs, targets) = points(8, 1);
    inputs.iter_mut().flatten().for_each(|number| *number *= 0.01);
    let mut spoiled = inputs.clone();
    spoiled[5] = [f32::MAX, f32::MIN];
    (inputs, spoiled, targets)
}

#[test]
fn a_row_that_is_not_finite_is_wrong_and_named() {
    let (inputs, spoiled, targets) = with_a_row_that_overflows();
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.fit_normalization(&inputs);
    let sound = trainer.evaluate(&Examples::new(&inputs, &targets)).unwrap();
    assert!(sound.is_finite() && sound.non_finite_row().is_none());
    for class in 0..3 {
        let mut targets = targets.clone();
        targets[5] = class;
        let found = trainer.evaluate(&Examples::new(&spoiled, &targets)).unwrap();
        assert!(!found.is_finite());
        assert_eq!(found.non_finite_row(), Some(5));
        let alone = Examples::new(&spoiled[5..6], &targets[5..6]);
        assert_eq!(trainer.evaluate(&alone).unwrap().get("accuracy"), Some(0.0));
    }
}

#[test]
fn an_epoch_whose_validation_is_not_finite_is_never_the_best() {
    let (inputs, spoiled, targets) = with_a_row_that_overflows();
    for monitor in ["val_loss", "val_accuracy", "loss"] {
        let stopping = EarlyStopping { monitor, patience: 2, min_delta: 0.0 };
        let options = FitOptions::from_spec::<Classes>().epochs(5).early_stopping(stopping).keep_best(true);
        let mut trainer = Trainer::<Classes>::new(1);
        let (train, validation) = (Examples::new(&inputs, &targets), Examples::new(&spoiled, &targets));
        let history = trainer.fit(&train, &validation, &options, &mut ()).unwrap();
        assert_eq!((history.best_epoch, history.epochs.len()), (None, 2), "{monitor}");
        assert_eq!(history.stopped, Stopped::EarlyStopping);
        for epoch in &history.epochs {
            assert!(!epoch.best);
            assert_eq!(epoch.validation.unwrap().non_finite_row(), Some(5));
        }
    }
}

#[test]
fn weights_that_the_last_step_spoils_are_no_result() {
    let (inputs, targets) = points(8, 1);
    let mut trainer = Trainer::<Classes>::new(1);
    trainer.set_learning_rate(f32::INFINITY);
    let options = FitOptions::from_spec::<Classes>().epochs(1).early_stopping(None).keep_best(false);
    let error = trainer.fit(&Examples::new(&inputs, &targets), &Examples::none(), &options, &mut ()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::NonFiniteParameter { step: 1, .. }), "{text}");
    assert!(text.starts_with("step 1: y.1.weight[0, 0] is "), "{text}");
    assert!(text.contains("a learning rate below inf") && !text.contains("normalize"), "{text}");
}

#[test]
fn fit_refuses_rows_that_do_not_fit_before_it_trains() {
    let (inputs, targets) = points(20, 1);
    let train = Examples::new(&inputs, &targets);
    let mut trainer = Trainer::<Classes>::new(1);
    let mut fit = |train: &Examples<_, _>, validation: &Examples<_, _>, options: &FitOptions| {
        let error = trainer.fit(train, validation, options, &mut ()).unwrap_err();
        assert_eq!(trainer.steps(), 0);
        error
    };
    let options = FitOptions::from_spec::<Classes>();
    assert!(matches!(fit(&Examples::none(), &train, &options), Error::NoRows { set: Set::Training }));
    assert!(matches!(
        fit(&train, &Examples::new(&inputs[..2], &[0, 5]), &options),
        Error::ClassOutOfRange { set: Set::Validation, row: 1, class: 5, classes: 3 }
    ));
    assert!(matches!(fit(&train, &Examples::none(), &options), Error::NothingToMonitor { monitor: "val_loss" }));
    let recall = options.early_stopping(EarlyStopping { monitor: "recall", patience: 1, min_delta: 0.0 });
    assert_eq!(
        fit(&train, &train, &recall).to_string(),
        "`recall` is not measured; early stopping can monitor `loss`, `val_loss`, `accuracy`, \
         `val_accuracy`"
    );
}

#[test]
fn early_stopping_gives_the_best_epoch_back() {
    let (inputs, targets) = points(40, 3);
    let (held_back, answers) = points(60, 4);
    let train = Examples::new(&inputs, &targets);
    let validation = Examples::new(&held_back, &answers);
    let options = FitOptions::from_spec::<Classes>().epochs(500);
    let mut trainer = Trainer::<Classes>::new(1);
    let history = trainer.fit(&train, &validation, &options, &mut ()).unwrap();
    assert_eq!(history.stopped, Stopped::EarlyStopping);
    let best = history.best_epoch.unwrap();
    assert_eq!(history.epochs.len() as u64, best + 3);
    let loss = |epoch: &EpochReport| epoch.validation.unwrap().loss;
    let lowest = history.epochs.iter().map(loss).fold(f64::INFINITY, f64::min);
    assert_eq!(trainer.evaluate(&validation).unwrap().loss, lowest);

    let last = options.keep_best(false);
    let mut trainer = Trainer::<Classes>::new(1);
    let history = trainer.fit(&train, &validation, &last, &mut ()).unwrap();
    let last = loss(history.epochs.last().unwrap());
    assert_eq!(trainer.evaluate(&validation).unwrap().loss, last);
    assert!(last > lowest);
}

/// Collects its events; stops after an epoch.
struct Listener {
    batches: Vec<BatchReport>,
    epochs: Vec<EpochReport>,
    stop_after: usize,
}

impl Observer for Listener {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        self.batches.push(*report);
        ControlFlow::Continue(())
    }

    fn epoch(&mut self, report: &EpochReport) -> ControlFlow<()> {
        self.epochs.push(*report);
        if self.epochs.len() == self.stop_after {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[test]
fn the_observer_hears_of_every_batch_and_epoch() {
    // 17 rows in batches of 8: the last batch has one row, and the network needs two.
    let (inputs, targets) = points(17, 3);
    let train = Examples::new(&inputs, &targets);
    let mut listener = Listener { batches: Vec::new(), epochs: Vec::new(), stop_after: 2 };
    let history =
        Trainer::<Normed>::new(1).fit(&train, &train, &FitOptions::from_spec::<Normed>(), &mut listener).unwrap();
    assert_eq!(history.stopped, Stopped::Observer);
    assert_eq!(history.epochs, listener.epochs);
    let seen: Vec<_> =
        listener.batches.iter().map(|report| (report.epoch, report.step, report.batch, report.batches)).collect();
    assert_eq!(seen, [(1, 1, 1, 2), (1, 2, 2, 2), (2, 3, 1, 2), (2, 4, 2, 2)]);
    let mean = (listener.batches[0].loss + listener.batches[1].loss) / 2.0;
    assert!((listener.epochs[0].train.loss - f64::from(mean)).abs() < 1e-6);
}

#[test]
fn training_goes_on_from_a_network() {
    let (network, _) = fit_xor::<Xor>(1);
    let trainer = Trainer::from_network(&*network, 3);
    assert_eq!(bits(trainer.network()), bits(&*network));
    assert_eq!(trainer.steps(), 0);
}
