//! `augment`: `fit` changes the rows that it trains on, by random numbers that depend on seed,
//! epoch and row alone.

use std::ops::ControlFlow;

use nn_runtime::init::{self, Generator};
use nn_runtime::observer::BatchReport;
use nn_runtime::prelude::*;

network! {
    network Augmented {
        input image: [2, 3, 4];
        output class = image -> flatten -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05); batch: 4; epochs: 3; seed: 11; }
        data { csv: "read by nobody.csv"; target: class; augment: [shift(1), flip, noise(0.25)]; }
    }
}

network! {
    network Plain {
        input image: [2, 3, 4];
        output class = image -> flatten -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05); batch: 4; epochs: 3; seed: 11; }
    }
}

network! {
    network Pair {
        input words: [2];
        input image: [1, 2, 2];
        seen = image -> flatten;
        output y = concat(words, seen) -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.05); batch: all; epochs: 2; }
        data { csv: "read by nobody.csv"; target: y; augment: flip; }
    }
}

type Image = [[[f32; 4]; 3]; 2];

/// Ten images of different numbers, and their classes.
fn examples() -> (Vec<Image>, Vec<usize>) {
    let value = |row: usize, at: usize| ((row * 31 + at * 7) % 23) as f32 / 23.0;
    let image = |row| {
        let mut image = Image::default();
        for (at, number) in image.as_flattened_mut().as_flattened_mut().iter_mut().enumerate() {
            *number = value(row, at);
        }
        image
    };
    ((0..10).map(image).collect(), (0..10).map(|row| row % 3).collect())
}

fn bits<N: Network>(network: &N) -> Vec<u32> {
    network.parameters().flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits())).collect()
}

/// The row as it is trained on in an epoch.
fn changed(mut image: Image, seed: u64, epoch: u64, row: usize) -> Image {
    let numbers = init::stream_seed(seed, epoch, u64::MAX - 1);
    Augmented::augment(&mut image, &mut Generator::stream(numbers, row as u64, 0));
    image
}

#[test]
fn what_is_not_asked_for_is_not_there() {
    const { assert!(Augmented::AUGMENTS && Pair::AUGMENTS) };
    const { assert!(!Plain::AUGMENTS) };
}

#[test]
fn each_epoch_changes_each_row_anew() {
    let (images, _) = examples();
    let all = (0..3).flat_map(|epoch| (0..10).map(move |row| (epoch, row)));
    let seen: Vec<Image> = all.map(|(epoch, row)| changed(images[row], 11, epoch, row)).collect();
    for (at, image) in seen.iter().enumerate() {
        assert!(!seen[..at].contains(image) && !images.contains(image));
    }
    assert_eq!(changed(images[4], 11, 2, 4), seen[24]);
    assert_ne!(changed(images[4], 12, 2, 4), seen[24]);
}

#[test]
fn fit_trains_on_changed_rows_and_validates_on_others() {
    let (images, classes) = examples();
    let options = FitOptions::from_spec::<Augmented>();
    let mut fitted = Trainer::<Augmented>::new(11);
    let examples = Examples::new(&images, &classes);
    let history = fitted.fit(&examples, &examples, &options, &mut ()).unwrap();

    let mut stepped = Trainer::<Augmented>::new(11);
    for epoch in 0..3 {
        let mut order: Vec<usize> = (0..10).collect();
        Generator::stream(11, epoch, u64::MAX).shuffle(&mut order);
        for batch in order.chunks(4) {
            let inputs: Vec<Image> = batch.iter().map(|&row| changed(images[row], 11, epoch, row)).collect();
            let targets: Vec<usize> = batch.iter().map(|&row| classes[row]).collect();
            stepped.step(&inputs, &targets).unwrap();
        }
        let validated = history.epochs[epoch as usize].validation.unwrap();
        assert_eq!(validated, stepped.evaluate(&examples).unwrap());
    }
    assert_eq!(bits(fitted.network()), bits(stepped.network()));

    let mut plain = Trainer::<Plain>::new(11);
    plain.fit(&examples, &Examples::none(), &FitOptions::from_spec::<Plain>(), &mut ()).unwrap();
    assert_ne!(bits(fitted.network()), bits(plain.network()));
}

/// Stops after a number of batches.
struct StopAfter(u64);

impl Observer for StopAfter {
    fn batch(&mut self, report: &BatchReport) -> ControlFlow<()> {
        if report.step == self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[test]
fn a_training_that_was_stopped_goes_on_to_the_same_bits() {
    let (images, classes) = examples();
    let examples = Examples::new(&images, &classes);
    for shuffle in [true, false] {
        let options = FitOptions::from_spec::<Augmented>().shuffle(shuffle).keep_best(false);
        let mut whole = Trainer::<Augmented>::new(11);
        whole.fit(&examples, &Examples::none(), &options, &mut ()).unwrap();
        // In the middle of the second epoch.
        let mut stopped = Trainer::<Augmented>::new(11);
        stopped.fit(&examples, &Examples::none(), &options, &mut StopAfter(5)).unwrap();
        assert_eq!((stopped.epochs(), stopped.steps()), (1, 5));
        let rest = options.epochs(2);
        stopped.fit(&examples, &Examples::none(), &rest, &mut ()).unwrap();
        assert_eq!(bits(stopped.network()), bits(whole.network()), "{shuffle}");
    }
}

#[test]
fn of_several_inputs_images_are_changed() {
    let row = ([5.0, 6.0], [[[1.0, 2.0], [3.0, 4.0]]]);
    let mut seen = Vec::new();
    for seed in 0..20 {
        let mut changed = row;
        Pair::augment(&mut changed, &mut Generator::new(seed));
        assert_eq!(changed.0, row.0);
        if !seen.contains(&changed.1) {
            seen.push(changed.1);
        }
    }
    seen.sort_by(|a, b| a[0][0].partial_cmp(&b[0][0]).unwrap());
    assert_eq!(seen, [[[[1.0, 2.0], [3.0, 4.0]]], [[[2.0, 1.0], [4.0, 3.0]]]]);
}
