//! Golden numbers: batch norm in training and at inference, layer norm, and dropout at inference.
//!
//! Training by the gradients of inference, as in `bn_eval`, and dropout by a given mask are not in
//! the language: the oracle does both, in `golden::oracle`.

use nn_runtime::prelude::*;
use nn_tests::golden::{Golden, ONE, Precision, assert_close, assert_predicts, network, rows};

nn_tests::golden!(bn_train, [3], (dense(4, bias: false) -> batch_norm(momentum: 0.1, eps: 1e-5) -> relu -> dense(2)), (mse), { batch: 5; }, sgd, ALL);
nn_tests::golden!(bn_train_bias, [3], (dense(4) -> batch_norm(momentum: 0.1, eps: 1e-5) -> relu -> dense(2)), (mse), { batch: 5; }, sgd_momentum, SGD_FAMILY);
nn_tests::golden!(bn_act_bn_cce, [3],
    (dense(5) -> tanh -> batch_norm(momentum: 0.1, eps: 1e-5)
        -> dense(4, bias: false) -> batch_norm(momentum: 0.1, eps: 1e-5) -> leaky_relu(0.01)
        -> dense(3) -> softmax),
    (cross_entropy), { batch: 5; }, sgd_nesterov, SGD_FAMILY);
nn_tests::golden!(layer_norm, [3], (dense(5) -> layer_norm(eps: 1e-5) -> relu -> dense(2)), (mse), { batch: all; }, sgd_momentum, ALL);
nn_tests::golden!(dropout_eval, [3], (dense(4) -> relu -> dropout(0.0) -> dense(2)), (mse), { batch: all; }, sgd_nesterov, ALL);

network! {
    network Normed {
        allow(bias_before_norm);
        input x: [3];
        output y = x -> dense(4) -> batch_norm -> relu -> dense(2);
        train { loss: mse; optimizer: sgd; }
    }
}

network! {
    network Dropped {
        input x: [3];
        output y = x -> dense(4) -> relu -> dropout(0.5) -> dense(2);
        train { loss: mse; optimizer: sgd; }
    }
}

fn assert_evaluates<N>(name: &str)
where
    N: Trainable<Input = [f32; 3], Output = [f32; 2], Target = [f32; 2]>,
{
    let file = Golden::open(name, Precision::Single);
    assert_eq!(file.get("mode").text(), "eval");
    let network = network::<N>(&file);
    assert_predicts(&*network, &file, &file.get("output0"), ONE);
    let loss = network.loss(&rows(&file.get("input")), &rows(&file.get("target"))).expect("the rows are sound");
    assert_close("loss0", &[f64::from(loss)], &[file.get("loss0").number()], ONE);
}

#[test]
fn golden_inference_takes_the_running_statistics() {
    assert_evaluates::<Normed>("bn_eval");
}

#[test]
fn golden_inference_drops_nothing() {
    assert_evaluates::<Dropped>("dropout_eval");
}
