//! Golden numbers: each activation between and after dense layers, and penalties of the weights,
//! trained by each optimizer.

nn_tests::golden!(dense_linear_mse, [3], (dense(4) -> linear -> dense(2)), (mse), { batch: all; }, sgd, ALL);
nn_tests::golden!(dense_sigmoid_mse, [3], (dense(4) -> sigmoid -> dense(2)), (mse), { batch: all; }, sgd_momentum, ALL);
nn_tests::golden!(dense_tanh_mse, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; }, sgd_nesterov, ALL);
nn_tests::golden!(dense_relu_mse, [3], (dense(4) -> relu -> dense(2)), (mse), { batch: all; }, rmsprop, ALL);
nn_tests::golden!(dense_leaky_relu_mse, [3], (dense(4) -> leaky_relu(0.01) -> dense(2)), (mse), { batch: all; }, adam, ALL);
nn_tests::golden!(dense_prelu_mse, [3], (dense(4) -> prelu(shared: true) -> dense(2)), (mse), { batch: all; }, adamw, ALL);
nn_tests::golden!(dense_elu_mse, [3], (dense(4) -> elu(1.0) -> dense(2)), (mse), { batch: all; }, adagrad, ALL);
nn_tests::golden!(dense_softmax_mse, [3], (dense(4) -> softmax -> dense(2)), (mse), { batch: all; }, sgd, ALL);

nn_tests::golden!(dense_out_sigmoid_mse, [3], (dense(4) -> tanh -> dense(2) -> sigmoid), (mse), { batch: all; }, sgd_momentum, ALL);
nn_tests::golden!(dense_out_tanh_mse, [3], (dense(4) -> tanh -> dense(2) -> tanh), (mse), { batch: all; }, sgd_nesterov, ALL);
nn_tests::golden!(dense_out_softmax_mse, [3], (dense(4) -> tanh -> dense(2) -> softmax), (mse), { batch: all; }, rmsprop, ALL);

nn_tests::golden!(l1_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l1(0.01); }, adam, ALL);
nn_tests::golden!(l2_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l2(0.01); }, adamw, ALL);
nn_tests::golden!(l2_half_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l2(0.005); }, adagrad, ALL);

// The language has coupled weight decay for `sgd` alone, and the decoupled one of `adamw`: what the
// file has for RMSprop, Adam and Adagrad cannot be written.
nn_tests::golden!(l2_weight_decay, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; },
    sgd_nesterov: (sgd(lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01)), DECAYING);
