//! Golden numbers: convolutions, pools and batch norm of images, trained by three optimizers.

nn_tests::golden!(conv_stride2, [2, 6, 6],
    (conv2d(3, kernel: 3, stride: 2, padding: 1) -> relu -> flatten -> dense(3) -> softmax),
    (cross_entropy), { batch: all; }, adam, THREE);

nn_tests::golden!(conv_maxpool, [1, 6, 6],
    (conv2d(2, kernel: 3, padding: 1) -> relu -> max_pool2d(2) -> flatten -> dense(2)),
    (mse), { batch: all; }, sgd_momentum, THREE);

nn_tests::golden!(conv_avgpool, [2, 6, 6],
    (conv2d(3, kernel: 3) -> tanh -> avg_pool2d(2) -> flatten -> dense(2)),
    (mse), { batch: all; }, sgd, THREE);

nn_tests::golden!(conv_5x5_pad2_maxpool3s2, [1, 6, 6],
    (conv2d(1, kernel: 5, padding: 2) -> sigmoid -> max_pool2d(3, stride: 2) -> flatten -> dense(2)),
    (mse), { batch: all; }, adam, THREE);

nn_tests::golden!(conv_bn_lenet, [1, 6, 6],
    (conv2d(2, kernel: 3, padding: 1, bias: false) -> batch_norm(momentum: 0.1, eps: 1e-5) -> relu -> max_pool2d(2)
        -> conv2d(3, kernel: 2) -> relu -> avg_pool2d(2) -> flatten -> dense(4) -> tanh -> dense(3) -> softmax),
    (cross_entropy), { batch: 2; }, sgd_momentum, THREE);
