//! A step whose loss is the program's: forward, backward, update.

#![cfg(all(feature = "std", feature = "macros"))]

use nn_runtime::generated::isa;
use nn_runtime::generated::losses::MeanSquaredError;
use nn_runtime::init::Generator;
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;

network!("../../specs/policy.nn");

network! {
    /// Two inputs and two outputs, with everything that changes a gradient on its way.
    network Pair {
        input a: [3];
        input b: [2, 2];
        flat = b -> flatten;
        trunk = concat(a, flat) -> dense(5, l2: 0.01) -> dropout(0.3) -> tanh;
        output y = trunk -> dense(2);
        output z = trunk -> dropout(0.5) -> dense(3, l1: 0.01);
        train {
            loss: mse(y) + mse(z); optimizer: adam(lr: 0.01); batch: 6; accumulate: 2; clip_norm: 0.2;
            schedule: exponential(rate: 0.5);
        }
    }
}

/// All bits of a trainer that a step changes.
fn bits<N: Trainable>(trainer: &Trainer<N>) -> Vec<u32> {
    let network = TensorKind::ALL.into_iter().flat_map(|kind| trainer.network().values(kind).to_vec());
    let state = trainer.optimizer_state().flat_map(|remembered| remembered.values.to_vec());
    network.chain(state).map(f32::to_bits).collect()
}

fn uniform(generator: &mut Generator) -> f32 {
    2.0 * generator.unit() as f32 - 1.0
}

fn row<const N: usize>(generator: &mut Generator) -> [f32; N] {
    std::array::from_fn(|_| uniform(generator))
}

/// The gradient of the mean squared error over so many rows.
fn squared<const N: usize>(y: &[[f32; N]], targets: &[[f32; N]], rows: usize) -> Vec<[f32; N]> {
    let mut gradient = vec![[0.0; N]; y.len()];
    isa::run(MeanSquaredError { y, targets, scale: 1.0 / rows as f32, gradient: Some(&mut gradient) });
    gradient
}

#[test]
fn two_passes_of_a_step_are_its_two_batches() {
    let mut generator = Generator::new(3);
    let mut by_step = Trainer::<Pair>::new(1);
    let length = nn_runtime::schedule::Length { epochs: 3, epoch_steps: 1 };
    by_step.set_length(length).unwrap();
    let mut by_hand = by_step.clone();
    for rows in [12, 7, 6] {
        let inputs: Vec<([f32; 3], [[f32; 2]; 2])> =
            (0..rows).map(|_| (row(&mut generator), [row(&mut generator), row(&mut generator)])).collect();
        let targets: Vec<([f32; 2], [f32; 3])> =
            (0..rows).map(|_| (row(&mut generator), row(&mut generator))).collect();
        by_step.step(&inputs, &targets).unwrap();
        for (inputs, targets) in inputs.chunks(6).zip(targets.chunks(6)) {
            let outputs = by_hand.forward(inputs).unwrap();
            let (y, z): (Vec<_>, Vec<_>) = outputs.iter().copied().unzip();
            let (of_y, of_z): (Vec<_>, Vec<_>) = targets.iter().copied().unzip();
            let gradients: Vec<_> = squared(&y, &of_y, rows).into_iter().zip(squared(&z, &of_z, rows)).collect();
            let mut of_inputs = vec![([9.0; 3], [[9.0; 2]; 2]); inputs.len()];
            by_hand.backward(&gradients, Some(&mut of_inputs)).unwrap();
            assert!(of_inputs.iter().all(|(a, b)| a.iter().chain(b.as_flattened()).all(|x: &f32| x.abs() < 1.0)));
        }
        by_hand.update().unwrap();
        assert_eq!(bits(&by_hand), bits(&by_step));
    }
}

#[test]
fn a_network_without_a_loss_takes_no_step() {
    let mut trainer = Trainer::<Policy>::new(1);
    assert!(matches!(trainer.step(&[[0.0; 4]], &[]), Err(Error::NoLoss { network: "Policy" })));
    let none = Examples::new(&[[0.0; 4]], &[]);
    assert!(matches!(trainer.evaluate(&none), Err(Error::NoLoss { .. })));
    let outputs = trainer.forward(&[[0.1; 4], [0.2; 4]]).unwrap();
    assert!(outputs.iter().all(|[a, b]| (a + b - 1.0).abs() < 1e-6));
    let before = trainer.network().predict(&[0.1; 4])[0];
    trainer.backward(&[[-1.0, 0.0], [0.0, 0.0]], None).unwrap();
    trainer.update().unwrap();
    assert!(trainer.network().predict(&[0.1; 4])[0] > before);
    assert_eq!(trainer.steps(), 1);
}
