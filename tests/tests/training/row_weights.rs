//! A weight for each row: the loss of n rows is Σ w·L / n.
//!
//! Weights that are powers of two times the number of rows give exact results.

use nn_runtime::prelude::*;
use nn_runtime::schedule::Length;

use super::updates::{FourOfEight, Normed, OneOfThirtyTwo, bits, rows};

network! {
    network Line {
        input x: [1];
        output y = x -> dense(1, bias: false, init: ones);
        train { loss: mse; optimizer: sgd(lr: 0.5); metrics: [mae]; batch: all; epochs: 3; }
    }
}

/// By hand, and by PyTorch's `(weights * (y - t) ** 2).mean()`: the loss is (0.5·1 − 0.25·4) / 2,
/// and its derivative (0.5·2·1 − 0.25·2·2·2) / 2 = −0.5.
#[test]
fn a_loss_is_the_weighted_sum_over_the_rows() {
    let (inputs, targets, weights) = ([[1.0], [2.0]], [[0.0], [0.0]], [0.5, -0.25]);
    let mut trainer = Trainer::<Line>::new(1);
    let examples = Examples::new(&inputs, &targets).with_weights(&weights);
    let before = trainer.evaluate(&examples).unwrap();
    assert_eq!((before.loss, before.get("mae")), (-0.25, Some(1.5)));
    assert_eq!(trainer.step_weighted(&inputs, &targets, &weights).unwrap(), -0.25);
    assert_eq!(trainer.network().values(nn_runtime::network::TensorKind::Parameter)[0], 1.25);

    // The same by `fit`, whose metrics are not weighted.
    let mut trainer = Trainer::<Line>::new(1);
    let options = FitOptions::from_spec::<Line>().epochs(1);
    let history = trainer.fit(&examples, &examples, &options, &mut ()).unwrap();
    let [report] = history.epochs[..] else { panic!("{history:?}") };
    assert_eq!((report.train.loss, report.train.get("mae")), (-0.25, Some(1.5)));
    // y = 1.25·x: (0.5·1.25² − 0.25·2.5²) / 2.
    let validation = report.validation.unwrap();
    assert_eq!((validation.loss, validation.get("mae")), (-0.390_625, Some(1.875)));
}

/// More rows than a chunk has, of which all but the first have weight 0.
#[test]
fn a_batch_of_several_chunks_is_one_mean() {
    let rows = 1024;
    assert!(rows > Line::CHUNK);
    let (inputs, targets) = (vec![[1.0]; rows], vec![[0.0]; rows]);
    let mut weights = vec![0.0; rows];
    weights[0] = 512.0;
    let mut trainer = Trainer::<Line>::new(1);
    assert_eq!(trainer.step_weighted(&inputs, &targets, &weights).unwrap(), 0.5);
    assert_eq!(trainer.network().values(nn_runtime::network::TensorKind::Parameter)[0], 0.5);
    // The last row belongs to the last chunk.
    weights.rotate_left(1);
    assert_eq!(trainer.step_weighted(&inputs, &targets, &weights).unwrap(), 0.125);
}

/// 32 rows of which half count twice, and half not, are 16 rows: with Adam and a penalty, on the
/// path of one batch and on that of four.
fn masked<N: Trainable<Input = [f32; 5], Target = usize>>() {
    let (inputs, targets) = rows(32, 7);
    let mut weights = vec![2.0; 32];
    weights[16..].fill(0.0);
    let (mut few, mut many) = (Trainer::<N>::new(4), Trainer::<N>::new(4));
    for _ in 0..3 {
        let loss = few.step(&inputs[..16], &targets[..16]).unwrap();
        let weighted = many.step_weighted(&inputs, &targets, &weights).unwrap();
        assert_eq!(loss.to_bits(), weighted.to_bits());
    }
    assert_eq!(bits(few.network()), bits(many.network()));
}

#[test]
fn a_weight_of_0_masks_a_row() {
    masked::<OneOfThirtyTwo>();
    masked::<FourOfEight>();
}

/// Also with a limit of the norm, several batches to an update and batch norm.
#[test]
fn weights_of_1_are_a_step_to_the_same_bits() {
    fn check<N: Trainable<Input = [f32; 5], Target = usize>>() {
        let (inputs, targets) = rows(24, 3);
        let (mut plain, mut weighted) = (Trainer::<N>::new(6), Trainer::<N>::new(6));
        let length = Length { epochs: 2, epoch_steps: 4 };
        for trainer in [&mut plain, &mut weighted] {
            trainer.set_length(length).unwrap();
        }
        for _ in 0..3 {
            let loss = plain.step(&inputs, &targets).unwrap();
            assert_eq!(weighted.step_weighted(&inputs, &targets, &[1.0; 24]).unwrap().to_bits(), loss.to_bits());
        }
        assert_eq!(bits(plain.network()), bits(weighted.network()));
    }
    check::<OneOfThirtyTwo>();
    check::<FourOfEight>();
    check::<Normed>();
}

/// Rows of weight 0 have other targets: only where weights keep to their rows does that change
/// nothing.
#[test]
fn weights_are_shuffled_with_their_rows() {
    let (inputs, targets) = rows(75, 1);
    let weights: Vec<f32> = (0..75).map(|row| [1.0, 0.0, 0.5][row % 3]).collect();
    let other = targets.iter().zip(&weights).map(|(target, weight)| if *weight > 0.0 { *target } else { 2 - target });
    let other: Vec<usize> = other.collect();
    assert_ne!(targets, other);
    let fitted = |targets: &[usize]| {
        let mut trainer = Trainer::<OneOfThirtyTwo>::new(3);
        let options = FitOptions::from_spec::<OneOfThirtyTwo>().epochs(4);
        let examples = Examples::new(&inputs, targets).with_weights(&weights);
        let history = trainer.fit(&examples, &examples, &options, &mut ()).unwrap();
        let losses: Vec<f64> =
            history.epochs.iter().flat_map(|epoch| [epoch.train.loss, epoch.validation.unwrap().loss]).collect();
        (bits(trainer.network()), losses)
    };
    assert_eq!(fitted(&targets), fitted(&other));
}

#[test]
fn weights_that_do_not_fit_are_errors() {
    let (inputs, targets) = ([[1.0], [2.0]], [[0.0], [0.0]]);
    let mut trainer = Trainer::<Line>::new(1);
    let error = trainer.step_weighted(&inputs, &targets, &[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "the batch has 2 rows, but 1 weight of a row");
    let error = trainer.step_weighted(&inputs, &targets, &[1.0, f32::INFINITY]).unwrap_err();
    assert_eq!(error.to_string(), "the weight of row 1 of the batch is not finite");
    let long = Examples::new(&inputs, &targets).with_weights(&[1.0; 3]);
    let error = trainer.evaluate(&long).unwrap_err();
    assert_eq!(error.to_string(), "the evaluation set has 2 rows, but 3 weights of rows");
    let options = FitOptions::from_spec::<Line>();
    let error = trainer.fit(&long, &Examples::none(), &options, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "the training set has 2 rows, but 3 weights of rows");
    let error = trainer.fit(&Examples::new(&inputs, &targets), &long, &options, &mut ()).unwrap_err();
    assert_eq!(error.to_string(), "the validation set has 2 rows, but 3 weights of rows");
    assert_eq!((trainer.steps(), trainer.network().values(nn_runtime::network::TensorKind::Parameter)[0]), (0, 1.0));
}
