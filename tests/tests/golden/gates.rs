//! Golden numbers: the perceptron rule on gates, and XOR by two layers.

use nn_runtime::prelude::*;
use nn_tests::golden::{Golden, ONE, Precision, TEN, assert_close, assert_predicts, network, rows};
use nn_tests::spelling;

network! {
    /// One neuron with the step of the worked example.
    network Tenth {
        input x: [2];
        output y = x -> dense(1) -> step;
        train { rule: perceptron(lr: 0.1); }
    }
}

network! {
    /// One neuron whose sums are exact in 32 bits.
    network Eighth {
        input x: [2];
        output y = x -> dense(1) -> step;
        train { rule: perceptron(lr: 0.125); }
    }
}

/// A trainer of a neuron with these weights.
fn neuron<N: Trainable>(weights: &[f64], bias: f64) -> Box<Trainer<N>> {
    let mut network = N::init(0);
    let values = network.parameters_mut().flat_map(|(_, _, values)| values);
    values.zip(weights.iter().chain([&bias])).for_each(|(value, number)| *value = *number as f32);
    Trainer::from_network(&network, 0)
}

/// Its weights, then the bias.
fn weights<N: Trainable>(trainer: &Trainer<N>) -> Vec<f32> {
    trainer.network().parameters().flat_map(|(_, _, values)| values).copied().collect()
}

#[test]
fn golden_step_of_the_perceptron() {
    for case in Golden::read("perceptron.json").get("cases").items() {
        assert_eq!(case.get("lr").number() as f32, Tenth::LEARNING_RATE);
        let mut trainer = neuron::<Tenth>(&case.get("w").numbers(), case.get("b").number());
        let x: [f32; 2] = std::array::from_fn(|index| case.get("x").numbers()[index] as f32);
        assert_eq!(trainer.network().predict(&x), [case.get("output").number() as f32]);
        trainer.step(&[x], &[[case.get("y").number() as f32]]).expect("the row is sound");
        let expected = case.get("w_after").numbers().into_iter().chain([case.get("b_after").number()]);
        for (found, expected) in weights(&trainer).into_iter().zip(expected) {
            let expected = expected as f32;
            let ulp = (found.to_bits() as i32 - expected.to_bits() as i32).abs();
            assert!(ulp <= 1, "{found:?}, not {expected:?}");
        }
    }
}

#[test]
fn golden_runs_of_the_perceptron() {
    const ROWS: [[f32; 2]; 4] = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    for run in Golden::read("perceptron.json").get("runs").items() {
        assert_eq!(run.get("lr").number(), f64::from(Eighth::LEARNING_RATE));
        let targets = run.get("targets").numbers();
        let mut trainer = neuron::<Eighth>(&run.get("w0").numbers(), run.get("b0").number());
        for (number, epoch) in run.get("epochs").items().into_iter().enumerate() {
            let mut errors = 0.0;
            for (x, target) in ROWS.iter().zip(&targets) {
                errors += trainer.step(&[*x], &[[*target as f32]]).expect("the row is sound");
            }
            let place = format!("{}, epoch {}", run.get("gate").text(), number + 1);
            assert_eq!(errors, epoch.get("errors").number() as f32, "{place}: errors");
            let expected: Vec<f64> = epoch.get("w").numbers().into_iter().chain([epoch.get("b").number()]).collect();
            let found: Vec<f64> = weights(&trainer).into_iter().map(f64::from).collect();
            assert_eq!(found, expected, "{place}: weights and bias");
        }
    }
}

/// Loss and outputs before training, after the first step and after the tenth.
fn check_xor<N>(key: &str, layers: &str, optimizer: &str)
where
    N: Trainable<Input = [f32; 2], Output = [f32; 1], Target = [f32; 1]>,
{
    let file = Golden::open("xor_train", Precision::Single);
    let settings = file.get("optimizers").get(key);
    spelling::assert_same("the layers", layers, &spelling::layers(&file));
    spelling::assert_same("the optimizer", optimizer, &spelling::optimizer(&settings));
    let (inputs, targets) = (rows(&file.get("input")), rows(&file.get("target")));
    let mut trainer = Trainer::<N>::from_network(&*network::<N>(&file), 0);
    for (steps, tolerance) in [(0, ONE), (1, ONE), (10, TEN)] {
        while trainer.steps() < steps {
            trainer.step(&inputs, &targets).expect("the rows are sound");
        }
        let expected = settings.get("after_steps").get(&steps.to_string());
        assert_predicts(trainer.network(), &file, &expected.get("output"), tolerance);
        let loss = trainer.network().loss(&inputs, &targets).expect("the rows are sound");
        assert_close("the loss", &[f64::from(loss)], &[expected.get("loss").number()], tolerance);
    }
}

macro_rules! xor {
    ($($name:ident: ($($optimizer:tt)+),)+) => {$(
        mod $name {
            use nn_runtime::prelude::*;

            network! {
                network Xor {
                    input x: [2];
                    output y = x -> dense(8) -> tanh -> dense(1) -> sigmoid;
                    train { loss: binary_cross_entropy; optimizer: $($optimizer)+; batch: all; }
                }
            }

            #[test]
            fn golden_xor() {
                let layers = "dense(8) -> tanh -> dense(1) -> sigmoid";
                super::check_xor::<Xor>(stringify!($name), layers, stringify!($($optimizer)+));
            }
        }
    )+};
}

xor! {
    sgd: (sgd(lr: 0.5)),
    sgd_momentum: (sgd(lr: 0.2, momentum: 0.9)),
    sgd_nesterov: (sgd(lr: 0.2, momentum: 0.9, nesterov: true)),
    rmsprop: (rmsprop(lr: 0.01, rho: 0.9, eps: 1e-8)),
    adam: (adam(lr: 0.05, beta1: 0.9, beta2: 0.999, eps: 1e-8)),
    adamw: (adamw(lr: 0.05, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01)),
    adagrad: (adagrad(lr: 0.2, eps: 1e-10)),
}
