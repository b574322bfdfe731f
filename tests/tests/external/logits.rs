//! Where the loss is computed from the logits, `step` rounds differently: it subtracts the target from ŷ, while `backward`
//! multiplies dL/dŷ, a division by ŷ, with the derivative of the softmax or sigmoid.
//!
//! The bound: both compute dL/dz = ŷ − t of numbers up to 1, with at most ten roundings of 2⁻²⁴ on
//! numbers that are at most n/ŷ·ŷ = 1 in size, and their scale is 1/rows. An exponential errs by
//! less than 4 units in the last place. So they differ by at most 20 · 2⁻²⁴ ≈ 1.2e-6 of 1/rows.

use nn_runtime::prelude::*;

const BOUND: f32 = 20.0 / 16_777_216.0;

network! {
    network Classes {
        input x: [3];
        output y = x -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 1.0); batch: 8; }
    }
}

network! {
    network Flags {
        input x: [3];
        output y = x -> dense(4) -> sigmoid;
        train { loss: binary_cross_entropy; optimizer: sgd(lr: 1.0); batch: 8; }
    }
}

fn inputs() -> [[f32; 3]; 8] {
    std::array::from_fn(|row| std::array::from_fn(|at| ((row * 3 + at) as f32 * 1.7).sin()))
}

/// The gradients of the biases: the sums over the rows of dL/dz.
fn of_biases<N: Trainable>(trainer: &Trainer<N>) -> Vec<f32> {
    let gradients = trainer.gradients().expect("there are gradients");
    gradients.filter(|(name, ..)| *name == "y.0.bias").flat_map(|(_, _, values)| values.to_vec()).collect()
}

/// Compares those of the spec's loss with those of the same loss by hand.
fn assert_close<N: Trainable<Input = [f32; 3], Output = [f32; 4]>>(
    targets: &[N::Target; 8],
    gradient: impl Fn(&[f32; 4], &N::Target) -> [f32; 4],
) {
    let mut trainer = Trainer::<N>::new(2);
    trainer.compute_gradients(&inputs(), targets).expect("the rows are sound");
    let by_loss = of_biases(&trainer);
    trainer.discard_gradients();
    let outputs = trainer.forward(&inputs()).expect("the rows are sound");
    let gradients: Vec<[f32; 4]> = outputs.iter().zip(targets).map(|(y, target)| gradient(y, target)).collect();
    trainer.backward(&gradients, None).expect("the gradients are sound");
    let by_hand = of_biases(&trainer);
    assert_eq!(by_loss.len(), 4);
    for (a, b) in by_loss.iter().zip(&by_hand) {
        // Eight rows, each of which errs by the bound over eight.
        assert!((a - b).abs() <= BOUND, "{a} by the loss, {b} by hand");
    }
    assert_ne!(by_loss, by_hand, "where these are equal, the bound is too loose");
}

#[test]
fn softmax_and_cross_entropy() {
    let targets = std::array::from_fn(|row| row % 4);
    assert_close::<Classes>(&targets, |y, class| {
        std::array::from_fn(|at| if at == *class { -1.0 / y[at] / 8.0 } else { 0.0 })
    });
}

#[test]
fn sigmoid_and_binary_cross_entropy() {
    let targets = std::array::from_fn(|row| std::array::from_fn(|at| ((row + at) % 2) as f32));
    assert_close::<Flags>(&targets, |y, target| {
        std::array::from_fn(|at| (if target[at] == 1.0 { -1.0 / y[at] } else { 1.0 / (1.0 - y[at]) }) / 32.0)
    });
}
