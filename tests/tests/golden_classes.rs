//! Golden numbers: classification, the losses computed from logits, and a deeper network, trained by
//! each optimizer.

use nn_tests::golden;

golden!(bce_sigmoid, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy), { batch: all; }, all);
golden!(bce_logits, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy), { batch: all; }, all);
golden!(bce_sigmoid_multilabel, [3], (dense(4) -> relu -> dense(3) -> sigmoid), (binary_cross_entropy), { batch: all; }, all);

golden!(cce_softmax, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, all);
golden!(cce_logits, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, all);
golden!(deep_relu_cce, [3],
    (dense(6) -> relu -> dense(5) -> relu -> dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, all);
