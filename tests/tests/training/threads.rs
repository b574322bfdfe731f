//! Any number of threads gives the same bits.

use std::fs;
use std::ops::ControlFlow;

use nn_runtime::prelude::*;

network! {
    /// Steps whose updates are fused into the gradients.
    network Wide {
        input x: [150];
        output y = x -> dense(600, bias: false) -> batch_norm -> relu -> dropout(0.25) -> dense(500) -> tanh -> dense(7) -> softmax;
        train { loss: cross_entropy; regularizer: l2(0.001); optimizer: adam(lr: 0.001); batch: 200; metrics: [accuracy]; }
    }
}

network! {
    /// Batches of several chunks, the norm of many gradients, and an optimizer's pass over many
    /// weights.
    network Tall {
        input x: [150];
        output y = x -> dense(700) -> relu -> dense(1600) -> tanh -> dense(7);
        train { loss: mse; optimizer: sgd(lr: 0.001, momentum: 0.9); batch: all; clip_norm: 0.5; }
    }
}

const ROWS: usize = 290;

fn inputs() -> Vec<[f32; 150]> {
    let number = |row: usize, column: usize| ((row * 150 + column) * 2_654_435_761 % 1009) as f32 / 504.5 - 1.0;
    (0..ROWS).map(|row| std::array::from_fn(|column| number(row, column))).collect()
}

fn classes() -> Vec<usize> {
    (0..ROWS).map(|row| row * 31 % 7).collect()
}

/// All bits of a network.
fn bits<N: Network>(network: &N) -> Vec<u32> {
    let tensors = network.parameters().chain(network.statistics());
    tensors.flat_map(|(_, _, values)| values.iter().map(|value| value.to_bits())).collect()
}

/// Trains on so many threads: the network, and what it reaches.
fn trained<N: Trainable<Input = [f32; 150]>>(targets: &[N::Target], threads: usize) -> (Vec<u32>, Evaluation) {
    let (inputs, mut trainer) = (inputs(), Trainer::<N>::new(1));
    let examples = Examples::new(&inputs, targets);
    let options = FitOptions::from_spec::<N>().epochs(3).threads(threads);
    trainer.fit(&examples, &Examples::none(), &options, &mut ()).unwrap();
    trainer.set_threads(threads).unwrap();
    let evaluation = trainer.evaluate(&examples).unwrap();
    (bits(trainer.network()), evaluation)
}

#[test]
fn a_training_has_the_same_bits() {
    let targets = classes();
    let alone = trained::<Wide>(&targets, 1);
    for threads in [2, 3, 4, 40] {
        assert_eq!(trained::<Wide>(&targets, threads), alone, "{threads} threads");
    }
}

#[test]
fn batches_of_several_chunks_have_the_same_bits() {
    let targets: Vec<[f32; 7]> =
        classes().iter().map(|class| std::array::from_fn(|c| (c == *class) as u8 as f32)).collect();
    let alone = trained::<Tall>(&targets, 1);
    for threads in [2, 3, 4] {
        assert_eq!(trained::<Tall>(&targets, threads), alone, "{threads} threads");
    }
}

#[test]
fn both_networks_have_work_to_share() {
    const { assert!(Wide::SHARES_WORK && Tall::SHARES_WORK && Tall::PARAMS > 1 << 20) };
}

/// What the predictors below walk over: lines of sixteen weights of the two large layers.
#[test]
fn large_layers_have_panels() {
    assert_eq!(Wide::PANELS, 150 * 38 + 600 * 32);
}

#[test]
fn the_number_may_change_from_step_to_step() {
    let (inputs, targets) = (inputs(), classes());
    let train = |threads: [usize; 4]| {
        let mut trainer = Trainer::<Wide>::new(1);
        for threads in threads {
            trainer.set_threads(threads).unwrap();
            trainer.step(&inputs[..200], &targets[..200]).unwrap();
        }
        bits(trainer.network())
    };
    assert_eq!(train([1, 2, 4, 3]), train([1; 4]));
}

/// Stops after a batch.
struct FirstBatch;

impl Observer for FirstBatch {
    fn batch(&mut self, _: &BatchReport) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

/// Half a training on so many threads, written, read and finished on others.
fn resumed(targets: &[usize], [before, after]: [usize; 2]) -> (Vec<u32>, Evaluation) {
    let path = std::env::temp_dir().join(format!("nn-threads-{}-{before}-{after}.safetensors", std::process::id()));
    let inputs = inputs();
    let examples = Examples::new(&inputs, targets);
    let options = |threads, epochs| FitOptions::from_spec::<Wide>().epochs(epochs).threads(threads);
    let mut first = Trainer::<Wide>::new(1);
    // In the middle of the second epoch, of two steps each.
    first.fit(&examples, &Examples::none(), &options(before, 1), &mut ()).unwrap();
    first.fit(&examples, &Examples::none(), &options(before, 1), &mut FirstBatch).unwrap();
    assert_eq!((first.epochs(), first.steps()), (1, 3));
    first.save(&path).unwrap();

    let mut second = Trainer::<Wide>::load(&path).unwrap();
    fs::remove_file(&path).unwrap();
    second.fit(&examples, &Examples::none(), &options(after, 2), &mut ()).unwrap();
    second.set_threads(after).unwrap();
    (bits(second.network()), second.evaluate(&examples).unwrap())
}

#[test]
fn a_checkpoint_goes_on_with_another_number() {
    let targets = classes();
    let alone = trained::<Wide>(&targets, 1);
    for threads in [[1, 3], [2, 1], [4, 2]] {
        assert_eq!(resumed(&targets, threads), alone, "{threads:?} threads");
    }
}

#[test]
fn predictions_have_the_same_bits() {
    let inputs = inputs();
    let mut alone = vec![[0.0; 7]; ROWS];
    Wide::init(1).predict_batch(&inputs, &mut alone);
    for (rows, threads) in [(1, 2), (7, 3), (300, 4), (100, 1)] {
        let mut predictor = Predictor::with_rows(Wide::init(1), rows);
        predictor.set_threads(threads).unwrap();
        for count in [ROWS, 95, 13, 1, 0] {
            let mut outputs = vec![[0.0; 7]; count];
            predictor.predict_batch(&inputs[..count], &mut outputs);
            assert_eq!(outputs, alone[..count], "{rows} rows, {threads} threads");
        }
    }
}
