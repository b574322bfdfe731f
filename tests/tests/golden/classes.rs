//! Golden numbers: classification, the losses computed from logits, and a deeper network, trained
//! by each optimizer.

nn_tests::golden!(bce_sigmoid, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy), { batch: all; }, sgd, ALL);
nn_tests::golden!(bce_logits, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy), { batch: all; }, sgd_momentum, ALL);
nn_tests::golden!(bce_sigmoid_multilabel, [3], (dense(4) -> relu -> dense(3) -> sigmoid), (binary_cross_entropy), { batch: all; }, sgd_nesterov, ALL);

nn_tests::golden!(cce_softmax, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, rmsprop, ALL);
nn_tests::golden!(cce_logits, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, adam, ALL);
nn_tests::golden!(deep_relu_cce, [3],
    (dense(6) -> relu -> dense(5) -> relu -> dense(4) -> relu -> dense(3) -> softmax), (cross_entropy), { batch: all; }, adamw, ALL);

nn_tests::golden!(bce_positive_weight, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy(positive_weight: 3.0)), { batch: all; }, adam, SGD_AND_ADAM);
nn_tests::golden!(bce_smoothed_positive_weight, [3], (dense(4) -> tanh -> dense(1) -> sigmoid), (binary_cross_entropy(label_smoothing: 0.1, positive_weight: 0.5)), { batch: all; }, sgd, SGD_AND_ADAM);
nn_tests::golden!(cce_label_smoothing, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy(label_smoothing: 0.1)), { batch: all; }, adam, SGD_AND_ADAM);
nn_tests::golden!(cce_class_weights, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy(class_weights: [1.0, 2.5, 0.25])), { batch: all; }, sgd, SGD_AND_ADAM);
nn_tests::golden!(cce_smoothed_class_weights, [3], (dense(4) -> relu -> dense(3) -> softmax), (cross_entropy(label_smoothing: 0.2, class_weights: [1.0, 2.5, 0.25])), { batch: all; }, adam, SGD_AND_ADAM);
