//! Golden numbers: each activation between and behind dense layers, and penalties of the weights,
//! trained by each optimizer.

use nn_tests::golden;

golden!(dense_linear_mse, [3], (dense(4) -> linear -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_sigmoid_mse, [3], (dense(4) -> sigmoid -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_tanh_mse, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_relu_mse, [3], (dense(4) -> relu -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_leaky_relu_mse, [3], (dense(4) -> leaky_relu(0.01) -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_prelu_mse, [3], (dense(4) -> prelu(shared: true) -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_elu_mse, [3], (dense(4) -> elu(1.0) -> dense(2)), (mse), { batch: all; }, all);
golden!(dense_softmax_mse, [3], (dense(4) -> softmax -> dense(2)), (mse), { batch: all; }, all);

golden!(dense_out_sigmoid_mse, [3], (dense(4) -> tanh -> dense(2) -> sigmoid), (mse), { batch: all; }, all);
golden!(dense_out_tanh_mse, [3], (dense(4) -> tanh -> dense(2) -> tanh), (mse), { batch: all; }, all);
golden!(dense_out_softmax_mse, [3], (dense(4) -> tanh -> dense(2) -> softmax), (mse), { batch: all; }, all);

golden!(l1_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l1(0.01); }, all);
golden!(l2_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l2(0.01); }, all);
golden!(l2_half_loss_term, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; regularizer: l2(0.005); }, all);

// The language has coupled weight decay for `sgd` alone, and the decoupled one of `adamw`: what the file
// has for RMSprop, Adam and Adagrad can not be written.
golden!(l2_weight_decay, [3], (dense(4) -> tanh -> dense(2)), (mse), { batch: all; },
    sgd: (sgd(lr: 0.1, weight_decay: 0.01)),
    sgd_momentum: (sgd(lr: 0.05, momentum: 0.9, weight_decay: 0.01)),
    sgd_nesterov: (sgd(lr: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.01)),
    adamw: (adamw(lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.05)));
